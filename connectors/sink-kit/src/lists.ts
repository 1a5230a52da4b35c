/** The items of a list with commas, as props hold it; none of them is empty. */
export const listOf = (text = ''): readonly string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
