CREATE TABLE [#tributary1] (
  [n] int NOT NULL,
  [d] bit NOT NULL,
  [c0] nvarchar(450) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c1] nvarchar(50) NULL,
  [c2] nvarchar(50) NULL
)

DECLARE @round int, @rounds int;
SET @round = 1;
SELECT @rounds = MAX(grouped.[rows]) FROM (SELECT COUNT(*) AS [rows] FROM (SELECT [n], [d], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST([c2] AS datetime2(7)) AS [c2] FROM [#tributary1]) AS typed GROUP BY [c0]) AS grouped;
WHILE @round <= @rounds
BEGIN
MERGE INTO [dbo].[ticks] WITH (HOLDLOCK) AS target
USING (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY [c0] ORDER BY [n]) AS [round]
  FROM (SELECT [n], [d], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST([c2] AS datetime2(7)) AS [c2] FROM [#tributary1]) AS typed) AS numbered
  WHERE [round] = @round) AS incoming
ON (target.[symbol] = incoming.[c0])
WHEN MATCHED AND incoming.[d] = 1 THEN DELETE
WHEN MATCHED THEN UPDATE SET [price] = incoming.[c1], [event_time] = incoming.[c2]
WHEN NOT MATCHED BY TARGET AND incoming.[d] = 0 THEN
  INSERT ([symbol], [price], [event_time])
  VALUES (incoming.[c0], incoming.[c1], incoming.[c2]);
SET @round = @round + 1;
END;
