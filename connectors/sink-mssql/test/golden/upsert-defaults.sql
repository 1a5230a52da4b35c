CREATE TABLE [#tributary1] (
  [n] int NOT NULL,
  [c0] nvarchar(450) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c1] nvarchar(50) NULL,
  [c2] nvarchar(50) NULL,
  [p2] bit NOT NULL
)

DECLARE @round int, @rounds int;
SET @round = 1;
SELECT @rounds = MAX(grouped.[rows]) FROM (SELECT COUNT(*) AS [rows] FROM (SELECT [n], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST(CAST([c2] AS datetime2(7)) AS datetime) AS [c2], [p2] FROM [#tributary1]) AS typed GROUP BY [c0]) AS grouped;
WHILE @round <= @rounds
BEGIN
MERGE INTO [dbo].[ticks] WITH (HOLDLOCK) AS target
USING (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY [c0] ORDER BY [n]) AS [round]
  FROM (SELECT [n], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST(CAST([c2] AS datetime2(7)) AS datetime) AS [c2], [p2] FROM [#tributary1]) AS typed) AS numbered
  WHERE [round] = @round AND [p2] = 1) AS incoming
ON (target.[symbol] = incoming.[c0])
WHEN MATCHED THEN UPDATE SET [price] = incoming.[c1], [stored] = CASE incoming.[p2] WHEN 1 THEN incoming.[c2] ELSE target.[stored] END
WHEN NOT MATCHED BY TARGET THEN
  INSERT ([symbol], [price], [stored])
  VALUES (incoming.[c0], incoming.[c1], incoming.[c2]);
MERGE INTO [dbo].[ticks] WITH (HOLDLOCK) AS target
USING (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY [c0] ORDER BY [n]) AS [round]
  FROM (SELECT [n], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST(CAST([c2] AS datetime2(7)) AS datetime) AS [c2], [p2] FROM [#tributary1]) AS typed) AS numbered
  WHERE [round] = @round AND [p2] = 0) AS incoming
ON (target.[symbol] = incoming.[c0])
WHEN MATCHED THEN UPDATE SET [price] = incoming.[c1], [stored] = CASE incoming.[p2] WHEN 1 THEN incoming.[c2] ELSE target.[stored] END
WHEN NOT MATCHED BY TARGET THEN
  INSERT ([symbol], [price])
  VALUES (incoming.[c0], incoming.[c1]);
SET @round = @round + 1;
END;
