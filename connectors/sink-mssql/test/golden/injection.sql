CREATE TABLE [#tributary1] (
  [n] int NOT NULL,
  [c0] int NULL,
  [c1] int NULL
)

DECLARE @round int, @rounds int;
SET @round = 1;
SELECT @rounds = MAX(grouped.[rows]) FROM (SELECT COUNT(*) AS [rows] FROM (SELECT [n], [c0], [c1] FROM [#tributary1]) AS typed GROUP BY [c0]) AS grouped;
WHILE @round <= @rounds
BEGIN
MERGE INTO [dbo].[t]]; DROP TABLE [users]]; --'] WITH (HOLDLOCK) AS target
USING (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY [c0] ORDER BY [n]) AS [round]
  FROM (SELECT [n], [c0], [c1] FROM [#tributary1]) AS typed) AS numbered
  WHERE [round] = @round) AS incoming
ON (target.[k]]]] ON 1=1; DROP TABLE [users]]; --'] = incoming.[c0])
WHEN MATCHED THEN UPDATE SET [a]] = 1, [b] = incoming.[c1]
WHEN NOT MATCHED BY TARGET THEN
  INSERT ([k]]]] ON 1=1; DROP TABLE [users]]; --'], [a]] = 1, [b])
  VALUES (incoming.[c0], incoming.[c1]);
SET @round = @round + 1;
END;
