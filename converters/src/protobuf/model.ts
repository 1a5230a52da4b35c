/** A .proto file that is made for a Connect schema; plain data. */
export interface ProtoFile {
  readonly package: string | null;
  readonly imports: readonly string[];
  readonly message: ProtoMessage;
}

export interface ProtoMessage {
  readonly name: string;
  readonly fields: readonly ProtoField[];
  /** In the order in which they are declared. */
  readonly oneofs: readonly string[];
  readonly messages: readonly ProtoMessage[];
  readonly enums: readonly ProtoEnum[];
}

export interface ProtoField {
  readonly name: string;
  readonly number: number;
  /** A scalar type, or the name of a message or enum as it is seen from the field's message. */
  readonly type: string;
  readonly label: 'optional' | 'repeated' | null;
  readonly oneof: string | null;
  /** What protobuf has no words for, as the option `confluent.field_meta`. */
  readonly params: ReadonlyArray<readonly [key: string, value: string]>;
}

export interface ProtoEnum {
  readonly name: string;
  readonly values: ReadonlyArray<readonly [name: string, number: number]>;
}
