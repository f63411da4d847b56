// What went wrong, and what is to be decided then.
const en = {
  sign_in_again: 'You are no longer signed in. Sign in to go on: what you have written is still there.',
  old_figures: 'The node does not answer; these figures are old. Trying again …',
};
export type Words = Record<keyof typeof en, string>;
export default en;
