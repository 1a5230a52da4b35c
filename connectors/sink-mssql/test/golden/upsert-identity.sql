CREATE TABLE [#tributary1] (
  [n] int NOT NULL,
  [c0] bigint NULL,
  [c1] nvarchar(50) NULL
)

DECLARE @round int, @rounds int;
SET @round = 1;
SELECT @rounds = MAX(grouped.[rows]) FROM (SELECT COUNT(*) AS [rows] FROM (SELECT [n], [c0], CAST([c1] AS decimal(18,6)) AS [c1] FROM [#tributary1]) AS typed GROUP BY [c0]) AS grouped;
WHILE @round <= @rounds
BEGIN
SET IDENTITY_INSERT [dbo].[ticks] ON;
MERGE INTO [dbo].[ticks] WITH (HOLDLOCK) AS target
USING (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY [c0] ORDER BY [n]) AS [round]
  FROM (SELECT [n], [c0], CAST([c1] AS decimal(18,6)) AS [c1] FROM [#tributary1]) AS typed) AS numbered
  WHERE [round] = @round) AS incoming
ON (target.[id] = incoming.[c0])
WHEN MATCHED THEN UPDATE SET [price] = incoming.[c1]
WHEN NOT MATCHED BY TARGET THEN
  INSERT ([id], [price])
  VALUES (incoming.[c0], incoming.[c1]);
SET IDENTITY_INSERT [dbo].[ticks] OFF;
SET @round = @round + 1;
END;
