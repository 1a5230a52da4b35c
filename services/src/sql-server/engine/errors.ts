/**
 * How far an error reaches when XACT_ABORT is off: it ends the statement, the batch, or the batch with its transaction;
 * `connection` ends all of it.
 */
export type Reach = 'statement' | 'batch' | 'transaction' | 'connection';

/** An error of SQL Server, as its ERROR token has it. */
export class SqlError extends Error {
  readonly number: number;
  readonly state: number;
  /** The severity. */
  readonly class: number;
  readonly reach: Reach;
  /** The line of the batch, from 1; 0 until it is known. */
  line = 0;

  constructor(number: number, message: string, of: { state: number; class: number; reach: Reach }) {
    super(message);
    this.name = 'SqlError';
    this.number = number;
    this.state = of.state;
    this.class = of.class;
    this.reach = of.reach;
  }
}

type Definition = readonly [level: number, state: number, reach: Reach, text: string];

/** Number to severity, state, reach and text; `%` stands for an argument. */
const DEFINITIONS: Readonly<Record<number, Definition>> = {
  102: [15, 1, 'batch', "Incorrect syntax near '%'."],
  104: [
    16,
    1,
    'batch',
    'ORDER BY items must appear in the select list if the statement contains a UNION, INTERSECT or EXCEPT operator.',
  ],
  105: [15, 1, 'batch', "Unclosed quotation mark after the character string '%'."],
  107: [15, 1, 'batch', "The column prefix '%' does not match with a table name or alias name used in the query."],
  108: [16, 1, 'batch', 'The ORDER BY position number % is out of range of the number of items in the select list.'],
  109: [
    15,
    1,
    'batch',
    'There are more columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.',
  ],
  110: [
    15,
    1,
    'batch',
    'There are fewer columns in the INSERT statement than values specified in the VALUES clause. The number of values in the VALUES clause must match the number of columns specified in the INSERT statement.',
  ],
  116: [
    16,
    1,
    'batch',
    'Only one expression can be specified in the select list when the subquery is not introduced with EXISTS.',
  ],
  120: [
    15,
    1,
    'batch',
    'The select list for the INSERT statement contains fewer items than the insert list. The number of SELECT values must match the number of INSERT columns.',
  ],
  121: [
    15,
    1,
    'batch',
    'The select list for the INSERT statement contains more items than the insert list. The number of SELECT values must match the number of INSERT columns.',
  ],
  134: [
    15,
    2,
    'batch',
    "The variable name '%' has already been declared. Variable names must be unique within a query batch or stored procedure.",
  ],
  137: [15, 2, 'batch', 'Must declare the scalar variable "%".'],
  141: [
    15,
    1,
    'batch',
    'A SELECT statement that assigns a value to a variable must not be combined with data-retrieval operations.',
  ],
  155: [15, 1, 'batch', "'%' is not a recognized datepart option."],
  156: [15, 1, 'batch', "Incorrect syntax near the keyword '%'."],
  174: [15, 1, 'batch', 'The % function requires % argument(s).'],
  195: [15, 10, 'batch', "'%' is not a recognized built-in function name."],
  205: [
    16,
    1,
    'batch',
    'All queries combined using a UNION, INTERSECT or EXCEPT operator must have an equal number of expressions in their target lists.',
  ],
  206: [16, 2, 'batch', 'Operand type clash: % is incompatible with %'],
  207: [16, 1, 'batch', "Invalid column name '%'."],
  208: [16, 1, 'batch', "Invalid object name '%'."],
  209: [16, 1, 'batch', "Ambiguous column name '%'."],
  213: [16, 1, 'batch', 'Column name or number of supplied values does not match table definition.'],
  214: [16, 2, 'batch', "Procedure expects parameter '%' of type '%'."],
  220: [16, 2, 'statement', 'Arithmetic overflow error for data type %, value = %.'],
  229: [14, 5, 'batch', "The % permission was denied on the object '%', database '%', schema '%'."],
  232: [16, 3, 'statement', 'Arithmetic overflow error for type %, value = %.'],
  235: [16, 0, 'transaction', 'Cannot convert a char value to money. The char value has incorrect syntax.'],
  241: [16, 1, 'transaction', 'Conversion failed when converting date and/or time from character string.'],
  242: [16, 3, 'transaction', 'The conversion of a % data type to a % data type resulted in an out-of-range value.'],
  244: [16, 1, 'transaction', "The conversion of the % value '%' overflowed an % column. Use a larger integer column."],
  245: [16, 1, 'transaction', "Conversion failed when converting the % value '%' to data type %."],
  248: [16, 1, 'transaction', "The conversion of the % value '%' overflowed an int column."],
  257: [
    16,
    3,
    'batch',
    'Implicit conversion from data type % to % is not allowed. Use the CONVERT function to run this query.',
  ],
  262: [14, 1, 'batch', "% permission denied in database '%'."],
  263: [16, 1, 'batch', 'Must specify table to select from.'],
  264: [
    16,
    1,
    'batch',
    "The column name '%' is specified more than once in the SET clause or column list of an INSERT. A column cannot be assigned more than one value in the same clause. Modify the clause to make sure that a column is updated only once. If this statement updates or inserts columns into a view, column aliasing can conceal the duplication in your code.",
  ],
  266: [
    16,
    2,
    'statement',
    'Transaction count after EXECUTE indicates a mismatching number of BEGIN and COMMIT statements. Previous count = %, current count = %.',
  ],
  281: [16, 1, 'batch', '% is not a valid style number when converting from % to a character string.'],
  402: [16, 1, 'batch', 'The data types % and % are incompatible in the % operator.'],
  468: [16, 9, 'batch', 'Cannot resolve the collation conflict between "%" and "%" in the equal to operation.'],
  512: [
    16,
    1,
    'statement',
    'Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.',
  ],
  515: [
    16,
    2,
    'statement',
    "Cannot insert the value NULL into column '%', table '%'; column does not allow nulls. % fails.",
  ],
  517: [16, 1, 'statement', "Adding a value to a '%' column caused an overflow."],
  529: [16, 2, 'batch', 'Explicit conversion from data type % to % is not allowed.'],
  535: [
    16,
    0,
    'statement',
    'The datediff function resulted in an overflow. The number of dateparts separating two date/time instances is too large. Try to use datediff with a less precise datepart.',
  ],
  537: [16, 3, 'statement', 'Invalid length parameter passed to the LEFT or SUBSTRING function.'],
  544: [
    16,
    1,
    'statement',
    "Cannot insert explicit value for identity column in table '%' when IDENTITY_INSERT is set to OFF.",
  ],
  911: [16, 1, 'batch', "Database '%' does not exist. Make sure that the name is entered correctly."],
  628: [16, 0, 'statement', 'Cannot issue SAVE TRANSACTION when there is no active transaction.'],
  1001: [15, 1, 'batch', 'Length or precision specification % is invalid.'],
  1002: [15, 1, 'batch', 'Line %: Specified scale % is invalid.'],
  1007: [15, 1, 'batch', "The number '%' is out of the range for numeric representation (maximum precision 38)."],
  1038: [
    15,
    4,
    'batch',
    'An object or column name is missing or empty. For SELECT INTO statements, verify each column has a name. For other statements, look for empty alias names. Aliases defined as "" or [] are not allowed. Change the alias to a valid name.',
  ],
  1088: [16, 7, 'statement', 'Cannot find the object "%" because it does not exist or you do not have permissions.'],
  1205: [
    13,
    51,
    'transaction',
    'Transaction (Process ID %) was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.',
  ],
  1222: [16, 51, 'statement', 'Lock request time out period exceeded.'],
  1505: [
    16,
    1,
    'statement',
    "The CREATE UNIQUE INDEX statement terminated because a duplicate key was found for the object name '%' and the index name '%'. The duplicate key value is (%).",
  ],
  1701: [
    16,
    1,
    'statement',
    "Creating or altering table '%' failed because the minimum row size would be %, including % bytes of internal overhead. This exceeds the maximum allowable table row size of 8060 bytes.",
  ],
  1702: [
    16,
    1,
    'statement',
    "CREATE TABLE failed because column '%' in table '%' exceeds the maximum of 1024 columns.",
  ],
  1779: [16, 0, 'statement', "Table '%' already has a primary key defined on it."],
  1911: [16, 1, 'statement', "Column name '%' does not exist in the target table or view."],
  1913: [
    16,
    1,
    'statement',
    "The operation failed because an index or statistics with name '%' already exists on table '%'.",
  ],
  1919: [
    16,
    1,
    'statement',
    "Column '%' in table '%' is of a type that is invalid for use as a key column in an index.",
  ],
  1946: [
    16,
    3,
    'statement',
    "Operation failed. The index entry of length % bytes for the index '%' exceeds the maximum length of % bytes for % indexes.",
  ],
  2601: [
    14,
    1,
    'statement',
    "Cannot insert duplicate key row in object '%' with unique index '%'. The duplicate key value is (%).",
  ],
  2627: [
    14,
    1,
    'statement',
    "Violation of % constraint '%'. Cannot insert duplicate key in object '%'. The duplicate key value is (%).",
  ],
  2628: [
    16,
    1,
    'statement',
    "String or binary data would be truncated in table '%', column '%'. Truncated value: '%'.",
  ],
  2705: [
    16,
    3,
    'statement',
    "Column names in each table must be unique. Column name '%' in table '%' is specified more than once.",
  ],
  2714: [16, 6, 'batch', "There is already an object named '%' in the database."],
  2715: [16, 6, 'batch', 'Column, parameter, or variable #%: Cannot find data type %.'],
  2716: [16, 1, 'batch', 'Column, parameter, or variable #%: Cannot specify a column width on data type %.'],
  2717: [16, 2, 'batch', "The size (%) given to the type '%' exceeds the maximum allowed (%)."],
  2750: [
    16,
    1,
    'batch',
    'Column or parameter #%: Specified column precision % is greater than the maximum precision of 38.',
  ],
  2751: [
    16,
    1,
    'batch',
    'Column or parameter #%: Specified column scale % is greater than the specified precision of %.',
  ],
  2760: [
    16,
    1,
    'batch',
    'The specified schema name "%" either does not exist or you do not have permission to use it.',
  ],
  2812: [16, 62, 'statement', "Could not find stored procedure '%'."],
  3621: [0, 0, 'statement', 'The statement has been terminated.'],
  3701: [11, 5, 'statement', "Cannot drop the table '%', because it does not exist or you do not have permission."],
  3725: [16, 0, 'statement', "The constraint '%' is being referenced by table '%', foreign key constraint '%'."],
  3728: [16, 1, 'statement', "'%' is not a constraint."],
  3902: [16, 1, 'statement', 'The COMMIT TRANSACTION request has no corresponding BEGIN TRANSACTION.'],
  3903: [16, 1, 'statement', 'The ROLLBACK TRANSACTION request has no corresponding BEGIN TRANSACTION.'],
  3930: [
    16,
    1,
    'batch',
    'The current transaction cannot be committed and cannot support operations that write to the log file. Roll back the transaction.',
  ],
  3952: [
    16,
    1,
    'statement',
    "Snapshot isolation transaction failed accessing database '%' because snapshot isolation is not allowed in this database. Use ALTER DATABASE to allow snapshot isolation.",
  ],
  3998: [
    16,
    1,
    'batch',
    'Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.',
  ],
  4002: [
    16,
    1,
    'batch',
    'The incoming tabular data stream (TDS) protocol stream is incorrect. The stream ended unexpectedly.',
  ],
  4060: [11, 1, 'connection', 'Cannot open database "%" requested by the login. The login failed.'],
  4104: [16, 1, 'batch', 'The multi-part identifier "%" could not be bound.'],
  4112: [15, 1, 'batch', "The function '%' must have an OVER clause with ORDER BY."],
  4145: [
    15,
    1,
    'batch',
    "An expression of non-boolean type specified in a context where a condition is expected, near '%'.",
  ],
  4701: [16, 1, 'statement', 'Cannot find the object "%" because it does not exist or you do not have permissions.'],
  4815: [16, 1, 'statement', 'Received an invalid column length from the bcp client for colid %.'],
  4816: [16, 1, 'statement', 'Invalid column type from bcp client for colid %.'],
  4901: [
    16,
    1,
    'statement',
    "ALTER TABLE only allows columns to be added that can contain nulls, or have a DEFAULT definition specified, or the column being added is an identity or timestamp column, or alternatively if none of the previous conditions are satisfied the table must be empty to allow addition of this column. Column '%' cannot be added to non-empty table '%' because it does not satisfy these conditions.",
  ],
  4902: [16, 1, 'statement', 'Cannot find the object "%" because it does not exist or you do not have permissions.'],
  4922: [16, 9, 'statement', 'ALTER TABLE ALTER COLUMN % failed because one or more objects access this column.'],
  4924: [16, 1, 'statement', "ALTER TABLE ALTER COLUMN failed because column '%' does not exist in table '%'."],
  5074: [16, 1, 'statement', "The object '%' is dependent on column '%'."],
  5324: [
    15,
    1,
    'batch',
    "In a MERGE statement, a 'WHEN MATCHED' clause with a search condition cannot appear after a 'WHEN MATCHED' clause with no search condition.",
  ],
  5334: [
    16,
    2,
    'batch',
    "The identifier '%' cannot be bound. Only source columns and columns in the clause scope are allowed in the 'WHEN NOT MATCHED' clause of a MERGE statement.",
  ],
  6401: [16, 1, 'statement', 'Cannot roll back %. No transaction or savepoint of that name was found.'],
  8003: [
    16,
    1,
    'batch',
    'The incoming request has too many parameters. The server supports a maximum of 2100 parameters. Reduce the number of parameters and resend the request.',
  ],
  8016: [
    16,
    1,
    'batch',
    'The incoming tabular data stream (TDS) remote procedure call (RPC) protocol stream is incorrect. Parameter % ("%"): Data type 0x% is unknown.',
  ],
  8102: [16, 1, 'batch', "Cannot update identity column '%'."],
  8111: [16, 1, 'statement', "Cannot define PRIMARY KEY constraint on nullable column in table '%'."],
  8114: [16, 5, 'transaction', 'Error converting data type % to %.'],
  8115: [16, 2, 'statement', 'Arithmetic overflow error converting % to data type %.'],
  8117: [16, 1, 'batch', 'Operand data type % is invalid for % operator.'],
  8120: [
    16,
    1,
    'batch',
    "Column '%' is invalid in the select list because it is not contained in either an aggregate function or the GROUP BY clause.",
  ],
  8134: [16, 1, 'statement', 'Divide by zero error encountered.'],
  8145: [16, 1, 'batch', '@% is not a parameter for procedure %.'],
  8152: [16, 30, 'statement', 'String or binary data would be truncated.'],
  8154: [16, 1, 'batch', "The table '%' is ambiguous."],
  8156: [16, 1, 'batch', "The column '%' was specified multiple times for '%'."],
  8155: [16, 2, 'batch', "No column name was specified for column % of '%'."],
  8158: [16, 1, 'batch', "'%' has more columns than were specified in the column list."],
  8159: [16, 1, 'batch', "'%' has fewer columns than were specified in the column list."],
  8169: [16, 2, 'transaction', 'Conversion failed when converting from a character string to uniqueidentifier.'],
  8178: [16, 1, 'batch', "The parameterized query '%' expects the parameter '%', which was not supplied."],
  8179: [16, 2, 'batch', 'Could not find prepared statement with handle %.'],
  8170: [16, 2, 'statement', 'Insufficient result space to convert uniqueidentifier value to char.'],
  8672: [
    16,
    1,
    'statement',
    'The MERGE statement attempted to UPDATE or DELETE the same row more than once. This happens when a target row matches more than one source row. A MERGE statement cannot UPDATE/DELETE the same row of the target table multiple times. Refine the ON clause to ensure a target row matches at most one source row, or use the GROUP BY clause to group the source rows.',
  ],
  9812: [16, 1, 'statement', 'The timezone provided to builtin function todatetimeoffset is invalid.'],
  10704: [15, 1, 'batch', 'To rethrow an error, a THROW statement must be used inside a CATCH block.'],
  10709: [16, 1, 'batch', 'The number of columns for each row in a table value constructor must be the same.'],
  10711: [15, 1, 'batch', "An action of type '%' is not allowed in the 'WHEN %' clause of a MERGE statement."],
  10713: [15, 1, 'batch', 'A MERGE statement must be terminated by a semi-colon (;).'],
  10738: [
    15,
    1,
    'batch',
    'The number of row value expressions in the INSERT statement exceeds the maximum allowed number of 1000 row values.',
  ],
  10928: [
    16,
    1,
    'statement',
    'Resource ID: 1. The request limit for the database is 60 and has been reached. See the documentation for assistance.',
  ],
  18456: [14, 1, 'connection', "Login failed for user '%'."],
  40197: [
    20,
    1,
    'connection',
    'The service has encountered an error processing your request. Please try again. Error code 40166.',
  ],
  40501: [
    20,
    1,
    'connection',
    'The service is currently busy. Retry the request after 10 seconds. Incident ID: 00000000-0000-0000-0000-000000000000. Code: 131075.',
  ],
  40613: [
    17,
    1,
    'connection',
    "Database '%' on server '%' is not currently available. Please retry the connection later.",
  ],
};

/**
 * The error of that number, its text filled with the arguments.
 *
 * @throws Error if the number is not one of those that this server knows
 */
export function sqlError(number: number, ...args: readonly unknown[]): SqlError {
  const definition = DEFINITIONS[number];
  if (!definition) throw new Error(`SQL Server's error ${number} has no definition here.`);
  const [level, state, reach, text] = definition;
  let next = 0;
  const message = text.replace(/%/g, () => String(args[next++] ?? ''));
  return new SqlError(number, message, { state, class: level, reach });
}

export const isKnownError = (number: number): boolean => number in DEFINITIONS;
