SELECT o.[type] AS [object_type], CONVERT(nvarchar(30), o.[modify_date], 126) AS [modified], c.[name] AS [column_name],
  y.[name] AS [type_name],
  c.[max_length], c.[precision], c.[scale], c.[collation_name],
  CAST(COLLATIONPROPERTY(c.[collation_name], 'CodePage') AS int) AS [code_page],
  c.[is_nullable], c.[is_identity], c.[is_computed],
  CAST(ISNULL(COLUMNPROPERTY(c.[object_id], c.[name], 'GeneratedAlwaysType'), 0) AS int) AS [generated_always],
  c.[default_object_id], CAST(k.[key_ordinal] AS int) AS [key_ordinal]
FROM sys.[columns] AS c
INNER JOIN sys.[objects] AS o ON o.[object_id] = c.[object_id]
INNER JOIN sys.[types] AS y ON y.[user_type_id] = CASE c.[system_type_id] WHEN 240 THEN c.[user_type_id] ELSE c.[system_type_id] END
LEFT JOIN (SELECT ic.[object_id], ic.[column_id], ic.[key_ordinal] FROM sys.[index_columns] AS ic
  INNER JOIN sys.[indexes] AS i ON i.[object_id] = ic.[object_id] AND i.[index_id] = ic.[index_id]
  WHERE i.[is_primary_key] = 1) AS k ON k.[object_id] = c.[object_id] AND k.[column_id] = c.[column_id]
WHERE c.[object_id] = OBJECT_ID(@table)
ORDER BY c.[column_id];

SELECT o.[type] AS [object_type], CONVERT(nvarchar(30), o.[modify_date], 126) AS [modified], c.[name] AS [column_name],
  y.[name] AS [type_name],
  c.[max_length], c.[precision], c.[scale], c.[collation_name],
  CAST(COLLATIONPROPERTY(c.[collation_name], 'CodePage') AS int) AS [code_page],
  c.[is_nullable], c.[is_identity], c.[is_computed],
  CAST(ISNULL(COLUMNPROPERTY(c.[object_id], c.[name], 'GeneratedAlwaysType'), 0) AS int) AS [generated_always],
  c.[default_object_id], CAST(k.[key_ordinal] AS int) AS [key_ordinal]
FROM [other].sys.[columns] AS c
INNER JOIN [other].sys.[objects] AS o ON o.[object_id] = c.[object_id]
INNER JOIN [other].sys.[types] AS y ON y.[user_type_id] = CASE c.[system_type_id] WHEN 240 THEN c.[user_type_id] ELSE c.[system_type_id] END
LEFT JOIN (SELECT ic.[object_id], ic.[column_id], ic.[key_ordinal] FROM [other].sys.[index_columns] AS ic
  INNER JOIN [other].sys.[indexes] AS i ON i.[object_id] = ic.[object_id] AND i.[index_id] = ic.[index_id]
  WHERE i.[is_primary_key] = 1) AS k ON k.[object_id] = c.[object_id] AND k.[column_id] = c.[column_id]
WHERE c.[object_id] = OBJECT_ID(@table)
ORDER BY c.[column_id];
