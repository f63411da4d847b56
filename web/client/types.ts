// What the node says and is told, as docs/openapi.yaml and docs/asyncapi.yaml describe it.

export type PollType = 'single' | 'multiple' | 'rating' | 'ranking';
export type PollStatus = 'draft' | 'open' | 'paused' | 'closed' | 'archived';

export interface Option {
  id: string;
  label: string;
}

export interface Poll {
  id: string;
  event: string;
  type: PollType;
  question: string;
  status: PollStatus;
  round: number;
  options: Option[];
  rules: { min_choices: number; max_choices: number; allow_change: boolean; scale: number | null };
  results: 'always' | 'after_vote' | 'after_close' | 'never';
  opens_at: string | null;
  closes_at: string | null;
  grace_ms: number;
  position: number; // in the running order
  created_at: string;
  opened_at: string | null;
  closed_at: string | null;
}

export interface Event {
  id: string;
  title: string;
  code: string;
  settings: { locale: string; accent?: string | null; logo?: string | null };
  created_at: string;
}

export interface Results {
  poll: string;
  round: number;
  status: PollStatus;
  version: number;
  voters: number;
  votes: number;
  final: boolean;
  options: { id: string; votes: number; ranks?: number[]; points?: number }[];
  average?: number;
  ratings?: number[];
  server_time: string;
}

export interface Ballot {
  choices?: string[];
  rating?: number;
}

// What a refusal says, over HTTP and live alike.
export interface Failure {
  code: string;
  detail?: string;
  retry_after_ms?: number;
  closed_at?: string;
  late_ms?: number;
}

export type ServerMessage =
  | { type: 'welcome'; event: Event; polls: Poll[]; voter: number | null; server_time: string }
  | ({ type: 'poll'; poll_type: PollType } & Omit<Poll, 'type'>)
  | ({ type: 'results' } & Results)
  | { type: 'poll_removed'; poll: string }
  | { type: 'notice'; text: string }
  | { type: 'ack'; id: string; status: string; receipt: string; poll: string; round: number; at: string }
  | ({ type: 'error'; id?: string } & Failure)
  | { type: 'pong'; id: string; server_time: string };
