#include <tallycast/wire/page.hpp>

namespace tallycast::wire {

std::string_view page_css() {
    return R"(:root { color-scheme: light dark; --line: #8888; --accent: #1f5fbf; --wrong: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --accent: #8ab4f8; --wrong: #f2b8b5; } }
* { box-sizing: border-box; }
body { font: 1.0625rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 40rem; padding: 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { font-size: 1.25rem; line-height: 1.3; margin: 0 0 .25rem; }
h3 { font-size: 1rem; margin: 1rem 0 0; }
h1, h2, label, li, .own { overflow-wrap: anywhere; }
p { margin: .5rem 0; }
.poll { border: 1px solid var(--line); border-radius: .5rem; margin: 1rem 0; padding: 1rem; }
.status { opacity: .8; }
.notice { border-inline-start: .25rem solid var(--accent); padding: .5rem .75rem; }
.notice.error { border-color: var(--wrong); color: var(--wrong); font-weight: 600; }
fieldset { border: 0; margin: 0; padding: 0; }
legend { font-weight: 600; padding: 0; }
fieldset label { display: block; min-height: 2.75rem; padding: .5rem 0; }
fieldset input { height: 1.25rem; margin-inline-end: .5rem; vertical-align: middle; width: 1.25rem; }
.steps { display: flex; flex-wrap: wrap; gap: 0 1.25rem; }
select, input[type=text] { font: inherit; max-width: 100%; min-height: 2.75rem; padding: .25rem .5rem; }
#code { display: block; font-size: 1.5rem; letter-spacing: .15em; width: 100%; }
button { background: var(--accent); border: 0; border-radius: .375rem; color: Canvas; cursor: pointer; font: inherit;
  font-weight: 600; min-height: 2.75rem; padding: .5rem 1.25rem; }
button.quiet { background: none; border: 1px solid var(--line); color: inherit; font-weight: 400; }
a { color: var(--accent); }
:focus-visible { outline: .2rem solid var(--accent); outline-offset: .15rem; }
.results { list-style: none; margin: .5rem 0 0; padding: 0; }
.results li { margin: .5rem 0; }
.results meter { display: block; height: 1.25rem; width: 100%; }
.count { font-variant-numeric: tabular-nums; opacity: .85; }
[dir=rtl] :is(p, legend, .count) { text-align: right; unicode-bidi: plaintext; }
)";
}

}  // namespace tallycast::wire
