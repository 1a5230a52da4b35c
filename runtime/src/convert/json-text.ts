/** Anything but characters that stand for themselves. */
const DELICATE = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

/** A JSON string in Jackson's spelling: only what must be escaped is, control characters as `\u001F`. */
export function quote(text: string): string {
  if (!DELICATE.test(text)) return `"${text}"`;
  const json = JSON.stringify(text);
  // JSON.stringify spells these escapes in lower case. Matching every escape keeps an escaped backslash before a 'u' apart.
  return json.includes('\\u')
    ? json.replace(/\\(?:u[\da-f]{4}|.)/g, (found) => (found[1] === 'u' ? `\\u${found.slice(2).toUpperCase()}` : found))
    : json;
}
