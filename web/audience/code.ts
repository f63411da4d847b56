// The code of what was typed or pasted: that of an address is its last part. Pure.
export const codeIn = (typed: string): string =>
  typed.includes('/') ? typed.replace(/[?#].*/, '').split('/').filter(Boolean).pop() ?? '' : typed;
