#include <tallycast/wire/page_words.hpp>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace tallycast::wire {

namespace {

using phrase = std::pair<std::string_view, std::string_view>;

// What was refused is named by the text of its failure.
constexpr phrase german[]{
    {"Join", "Mitmachen"},
    {"Join a vote", "Bei einer Abstimmung mitmachen"},
    {"The code on the screen", "Der Code auf der Leinwand"},
    {"There is nothing to vote on yet. Look again in a moment.",
     "Noch gibt es nichts abzustimmen. Schau gleich noch einmal."},
    {"Look again", "Noch einmal nachsehen"},
    {"All questions", "Alle Fragen"},
    {"Not open yet", "Noch nicht offen"},
    {"Open", "Offen"},
    {"Paused: no votes are taken now", "Pause: Gerade werden keine Stimmen angenommen"},
    {"Closed", "Geschlossen"},
    {", closes at ", ", schließt um "},
    {"Your vote: ", "Deine Stimme: "},
    {", then ", ", dann "},
    {" of ", " von "},
    {"Choose one", "Wähle eine Antwort"},
    {"Rate from 1 to ", "Bewerte von 1 bis "},
    {"Choose ", "Wähle "},
    {" to ", " bis "},
    {"Put ", "Ordne "},
    {" in order, the best first", ", das Beste zuerst"},
    {"Rank ", "Platz "},
    {"Vote", "Abstimmen"},
    {"Change my vote", "Stimme ändern"},
    {"Take my vote back", "Stimme zurücknehmen"},
    {"Final result", "Endergebnis"},
    {"Result so far", "Zwischenstand"},
    {"Average: ", "Durchschnitt: "},
    {"vote", "Stimme"},
    {"votes", "Stimmen"},
    {"voter", "Person"},
    {"voters", "Personen"},
    {"point", "Punkt"},
    {"points", "Punkte"},
    {", first ", ", an erster Stelle "},
    {"time", "Mal"},
    {"times", "Mal"},
    {".", ","},  // of a fraction
    {"Your vote was counted ✓", "Deine Stimme ist gezählt ✓"},
    {"Your vote was taken back.", "Deine Stimme ist zurückgenommen."},
    {"This page needs cookies to know you again. Please allow them, and vote once more.",
     "Diese Seite braucht Cookies, um dich wiederzuerkennen. Bitte erlaube sie und stimme noch "
     "einmal ab."},
    {"No event has this code. Please look at it again.",
     "Diesen Code hat keine Veranstaltung. Bitte sieh noch einmal nach."},
    {"Too many joins from this address just now.",
     "Von dieser Adresse kommen gerade zu viele. Bitte versuche es gleich noch einmal."},
    {"The node is busy; votes go first.",
     "Gerade ist viel los. Bitte versuche es gleich noch einmal."},
    {"The node is busy; the ballot was not counted.",
     "Gerade ist viel los. Deine Stimme ist nicht gezählt, bitte stimme noch einmal ab."},
    {"Too many votes are waiting; the ballot was not counted.",
     "Gerade ist viel los. Deine Stimme ist nicht gezählt, bitte stimme noch einmal ab."},
    {"The poll had closed ", "Die Abstimmung war seit "},
    {" s before the ballot came.", " s vorbei, als deine Stimme ankam."},
    {"Your visit had run out. Please vote once more.",
     "Deine Anmeldung war abgelaufen. Bitte stimme noch einmal ab."},
    {"The poll had closed before the ballot came.",
     "Die Abstimmung war vorbei, bevor deine Stimme ankam."},
    {"The poll has changed since. Look at it again and choose.",
     "Die Abstimmung ist seitdem geändert. Bitte sieh sie dir noch einmal an und stimme ab."},
    {"The poll is paused.", "Die Abstimmung macht gerade Pause."},
    {"The poll is not open.", "Die Abstimmung ist nicht offen."},
    {"This voter has voted in this round.", "Du hast in dieser Runde schon abgestimmt."},
    {"Ballots of this poll stand as cast.", "Stimmen lassen sich hier nicht ändern."},
    {"There is no ballot of this voter.", "Von dir ist keine Stimme da."},
    {"Too few choices: at least ", "Zu wenige Antworten: mindestens "},
    {"Too many choices: at most ", "Zu viele Antworten: höchstens "},
    {"An option is named twice.", "Eine Antwort ist zweimal gewählt."},
    {"Nothing was chosen.", "Es war nichts gewählt."},
    {"Ranks are filled from the first on, without a gap.",
     "Plätze werden vom ersten an vergeben, ohne Lücke."},
};

std::string_view trimmed(std::string_view text) {
    const auto from = text.find_first_not_of(" \t");
    if (from == std::string_view::npos) return {};
    return text.substr(from, text.find_last_not_of(" \t") - from + 1);
}

// "de-AT", "DE", and no "den".
bool names(std::string_view range, std::string_view language) {
    const auto same = [](char ours, char theirs) { return ours == (theirs | 0x20); };
    return range.size() >= language.size() &&
           std::equal(language.begin(), language.end(), range.begin(), same) &&
           (range.size() == language.size() || range[language.size()] == '-');
}

// The q of a range in thousandths; 1000 without one, 0 where it is none.
unsigned weight_of(std::string_view parameters) {
    parameters = trimmed(parameters);
    if (parameters.empty()) return 1000;
    if (!parameters.starts_with("q=") && !parameters.starts_with("Q=")) return 0;
    double weight = 0;
    const auto digits = parameters.substr(2);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), weight);
    if (read.ec != std::errc{} || !(weight >= 0 && weight <= 1)) return 0;
    return static_cast<unsigned>(weight * 1000);
}

}  // namespace

page_language language_of(std::string_view accept_language) {
    auto wanted = page_language::english;
    unsigned most = 0;
    while (!accept_language.empty()) {
        const auto end = accept_language.find(',');
        const auto item = accept_language.substr(0, end);
        const auto parameters = item.find(';');
        const auto range = trimmed(item.substr(0, parameters));
        const auto weight =
            parameters == std::string_view::npos ? 1000 : weight_of(item.substr(parameters + 1));
        for (const auto language : {page_language::english, page_language::german})
            if (weight > most && names(range, tag_of(language))) {
                most = weight;
                wanted = language;
            }
        accept_language =
            end == std::string_view::npos ? std::string_view{} : accept_language.substr(end + 1);
    }
    return wanted;
}

std::string_view tag_of(page_language language) {
    return language == page_language::german ? "de" : "en";
}

std::string_view said(page_language language, std::string_view english) {
    if (language == page_language::english) return english;
    const auto* known = std::ranges::find(german, english, &phrase::first);
    return known == std::end(german) ? english : known->second;
}

}  // namespace tallycast::wire
