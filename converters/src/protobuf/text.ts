import type { ProtoEnum, ProtoField, ProtoFile, ProtoMessage } from './model.ts';

const indented = (text: string): string =>
  text
    .split('\n')
    .map((line, i, lines) => (i === lines.length - 1 && line === '' ? '' : `  ${line}`))
    .join('\n');

/**
 * A .proto file as text, space for space as Confluent writes it, so that a registry that compares texts finds again what Java
 * registered.
 */
export function protoText(file: ProtoFile): string {
  const { imports } = file;
  return [
    'syntax = "proto3";\n',
    file.package === null ? '' : `package ${file.package};\n`,
    imports.length === 0 ? '' : `\n${imports.map((name) => `import "${name}";\n`).join('')}`,
    `\n${messageText(file.message)}`,
  ].join('');
}

const section = (parts: readonly string[]): string => (parts.length === 0 ? '' : `\n${parts.map(indented).join('')}`);

function messageText({ name, fields, oneofs, messages, enums }: ProtoMessage): string {
  const plain = fields.filter(({ oneof }) => oneof === null);
  const choices = oneofs.map((oneof) => {
    const members = fields.filter((field) => field.oneof === oneof);
    return `oneof ${oneof} {${section(members.map(fieldText))}}\n`;
  });
  const types = [...messages.map(messageText), ...enums.map(enumText)];
  return `message ${name} {${section(plain.map(fieldText))}${section(choices)}${section(types)}}\n`;
}

function fieldText({ name, number, type, label, params }: ProtoField): string {
  return `${label === null ? '' : `${label} `}${type} ${name} = ${number}${metaText(params)};\n`;
}

function enumText({ name, values }: ProtoEnum): string {
  return `enum ${name} {${section(values.map(([value, number]) => `${value} = ${number};\n`))}}\n`;
}

function metaText(params: ProtoField['params']): string {
  if (params.length === 0) return '';
  const entries = params.map(([key, value]) => {
    const [keyLine, valueLine] = [`        key: "${escaped(key)}"`, `        value: "${escaped(value)}"`];
    // Confluent's first versions wrote the value first, and what they knew is still written so.
    const lines = key === 'precision' || key === 'scale' ? [valueLine, keyLine] : [keyLine, valueLine];
    return `      {\n${lines.join(',\n')}\n      }`;
  });
  // The lines are part of a field, which is indented once more.
  const text = ` [(confluent.field_meta) = {\n    params: [\n${entries.join(',\n')}\n    ]\n  }]`;
  return text.replaceAll('\n  ', '\n');
}

const escaped = (text: string): string => text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n');
