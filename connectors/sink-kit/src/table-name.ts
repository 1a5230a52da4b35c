/** The name of a table, a measurement or a bucket: `${topic}` in the format stands for the topic. */
export function tableName(format: string, topic: string): string {
  return format.replaceAll('${topic}', () => topic);
}
