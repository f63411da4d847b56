// Whether a text is in the clipboard now. On plain http a browser gives no clipboard, and the older way is left.
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const put = (event: ClipboardEvent) => (event.preventDefault(), event.clipboardData!.setData('text/plain', text));
    document.addEventListener('copy', put);
    const is = document.execCommand('copy');
    document.removeEventListener('copy', put);
    return is;
  }
}
