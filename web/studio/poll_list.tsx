import type { Poll } from '../client/index.ts';
import { say } from '../shared/words.ts';
import { Icon } from '../stage/icons.tsx';

interface Props {
  polls: Poll[];
  current: string | undefined;
  choose(id: string): void;
  move(from: number, to: number): Promise<unknown>;
}

export function PollList({ polls, current, choose, move }: Props) {
  const button = (at: number, to: number, sign: 'up' | 'down', name: 'move_up' | 'move_down') => (
    <button type="button" class="small" aria-label={say(name, { name: polls[at]!.question })} disabled={!polls[to]} onClick={() => void move(at, to)}>
      <Icon sign={sign} />
    </button>
  );
  return (
    <ol class="poll-list">
      {polls.map((poll, at) => (
        <li key={poll.id} class={poll.id === current ? 'current' : ''}>
          <button type="button" class="pick" aria-current={poll.id === current} onClick={() => choose(poll.id)}>
            <span class={`chip ${poll.status}`}>{say(poll.status)}</span>
            <span class="text" dir="auto">{poll.question}</span>
          </button>
          {button(at, at - 1, 'up', 'move_up')}
          {button(at, at + 1, 'down', 'move_down')}
        </li>
      ))}
    </ol>
  );
}
