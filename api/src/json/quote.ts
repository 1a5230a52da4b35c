/** Anything but characters that stand for themselves. */
const DELICATE = /[^ !#-[\]-\ud7ff\ue000-\uffff]/;

const escaped = (char: string): string => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`;

/** A JSON string in Jackson's spelling: control characters and characters beyond 16 bits are escaped (`\u001F`, `\uD83D\uDE00`), others not. */
export function quote(text: string): string {
  if (!DELICATE.test(text)) return `"${text}"`;
  const json = JSON.stringify(text).replace(/[\ud800-\udfff]/g, escaped);
  // JSON.stringify spells its escapes in lower case. Matching every escape keeps an escaped backslash before a 'u' apart.
  return json.includes('\\u')
    ? json.replace(/\\(?:u[\da-f]{4}|.)/g, (found) => (found[1] === 'u' ? `\\u${found.slice(2).toUpperCase()}` : found))
    : json;
}
