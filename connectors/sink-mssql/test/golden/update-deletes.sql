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
UPDATE target SET [price] = incoming.[c1], [event_time] = incoming.[c2]
FROM [dbo].[ticks] AS target
INNER JOIN (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY [c0] ORDER BY [n]) AS [round]
  FROM (SELECT [n], [d], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST([c2] AS datetime2(7)) AS [c2] FROM [#tributary1]) AS typed) AS numbered
  WHERE [round] = @round AND [d] = 0) AS incoming
ON target.[symbol] = incoming.[c0];
DELETE target
FROM [dbo].[ticks] AS target
INNER JOIN (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY [c0] ORDER BY [n]) AS [round]
  FROM (SELECT [n], [d], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST([c2] AS datetime2(7)) AS [c2] FROM [#tributary1]) AS typed) AS numbered
  WHERE [round] = @round AND [d] = 1) AS incoming
ON target.[symbol] = incoming.[c0];
SET @round = @round + 1;
END;
