// The event's own colour and logo, as its audience, its screen and its overlay wear them.
import { useState } from 'preact/hooks';

import type { Event } from '../client/index.ts';
import { logoOf } from '../shared/theme.ts';
import { say } from '../shared/words.ts';
import { api } from './api.ts';
import { useDesk } from './desk.tsx';
import { fitting } from './logo.ts';

const usual = '#3a44c4'; // the pages' own, for the colour field to begin with

export function LookForm({ event, changed }: { event: Event; changed(event: Event): void }) {
  const { attempt, tell } = useDesk();
  const { accent = null, logo = null } = event.settings;
  const [picked, pick] = useState<string | null>(null); // and not saved yet
  const save = (settings: { accent?: string | null; logo?: string | null }) => attempt(async () => {
    const put = async (wanted: object) => changed(await api<Event>('PATCH', `/v1/events/${event.id}`, { settings: wanted }));
    await put(settings);
    tell(say('done_save'), () => put('accent' in settings ? { accent } : { logo }));
  });
  const load = async (input: HTMLInputElement) => {
    const file = input.files?.[0];
    const small = file && (await fitting(file));
    input.value = '';
    if (small) await save({ logo: small });
    else if (file) tell(say('no_logo'));
  };
  return (
    <div class="row look">
      <label class="inline">{say('accent')}
        <input type="color" value={picked ?? accent ?? usual} onInput={(chosen) => pick(chosen.currentTarget.value)}
          onChange={(chosen) => void save({ accent: chosen.currentTarget.value }).then(() => pick(null))} />
      </label>
      {accent && <button type="button" onClick={() => void save({ accent: null })}>{say('accent_usual')}</button>}
      {logo && <img class="logo" src={logoOf(event) ?? undefined} alt={say('logo')} />}
      <label class="button file">{say('logo_choose')}<input type="file" accept="image/*" onChange={(chosen) => void load(chosen.currentTarget)} /></label>
      {logo && <button type="button" onClick={() => void save({ logo: null })}>{say('logo_remove')}</button>}
    </div>
  );
}
