/**
 * Whether InfluxDB takes the line for one. To find the end of a line it reads it in another way than to take it apart: a backslash before
 * another one escapes that, so that `\\ ` ends the tags too early; from there on commas, equals signs and quotes are counted, and
 * with a count that is wrong a newline in a string ends the line, or the line goes on behind its end and takes the next one with it.
 * Only lines that hold `\\ ` need to be asked for.
 */
export function isOneLine(line: string): boolean {
  let fields = false;
  let quoted = false;
  let equals = 0;
  let commas = 0;
  for (let i = 0; i < line.length; i++) {
    switch (line[i]) {
      case '\\':
        i++;
        break;
      case ' ':
        fields = true;
        break;
      case '=':
        if (fields && !quoted) equals++;
        break;
      case ',':
        if (fields && !quoted) commas++;
        break;
      case '"':
        if (fields && equals > commas) quoted = !quoted;
        break;
      case '\n':
        if (!quoted) return false;
        break;
    }
  }
  return !quoted;
}
