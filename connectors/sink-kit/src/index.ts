export { type ChunkLimits, chunksOf, concurrently } from './chunks.ts';
export { type DeliveryConfig, deliveryConfig } from './delivery-config.ts';
export type { Fault, FaultKind } from './fault.ts';
export { type FieldPath, PLACE_FIELDS, type PlaceField, parseFieldPath } from './field-path.ts';
export { type FieldReader, type FieldValue, fieldReader, fieldsOf } from './fields.ts';
export { foldByKey } from './fold.ts';
export { type Refuse, type Store, type StoreTask, type StoreTaskOptions, storeTask } from './store-task.ts';
export { tableName } from './table-name.ts';
export { base64, dateText, jsonText } from './texts.ts';
