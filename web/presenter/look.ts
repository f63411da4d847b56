// How the page is to look, from its address:
//
//   ?token=tcw_…     what the studio's link carries: the event as its host sees it
//   &theme=dark|light          instead of what the system asks for
//   &lang=en|de                instead of the browser's
//   &scale=0.5 … 3             of everything
//   &overlay=1                 transparent, for a browser source of OBS or vMix, and then
//   &position=top-left … bottom-right, top, bottom, left, right or center
//   &join=0                    without the code to join

export interface Look {
  token: string | null;
  overlay: boolean;
  theme: 'dark' | 'light' | null;
  scale: number;
  position: string;
  join: boolean;
}

const noes = ['0', 'no', 'false', 'off'];

// As people write them: any word but a no, and none, is a yes.
const isYes = (asked: URLSearchParams, name: string, usual: boolean) => {
  const word = asked.get(name);
  return word === null ? usual : !noes.includes(word.toLowerCase());
};

const places = ['top-left', 'top', 'top-right', 'left', 'center', 'right', 'bottom-left', 'bottom', 'bottom-right'];
export const smallest = 0.5;
export const largest = 3;

export const bounded = (scale: number) => Math.min(largest, Math.max(smallest, Math.round(scale * 100) / 100));

export function lookOf(search: string): Look {
  const asked = new URLSearchParams(search);
  const theme = asked.get('theme');
  const scale = Number((asked.get('scale') ?? '1').replace(',', '.'));
  const position = asked.get('position') ?? 'bottom-left';
  return {
    token: asked.get('token'),
    overlay: isYes(asked, 'overlay', false),
    theme: theme === 'dark' || theme === 'light' ? theme : null,
    scale: bounded(Number.isFinite(scale) && scale > 0 ? scale : 1),
    position: places.includes(position) ? position : 'bottom-left',
    join: isYes(asked, 'join', true),
  };
}
