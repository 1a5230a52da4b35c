CREATE TABLE [#tributary1] (
  [n] int NOT NULL,
  [c0] nvarchar(20) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c1] nvarchar(50) NULL
)

DECLARE @round int, @rounds int;
SET @round = 1;
SELECT @rounds = MAX(grouped.[rows]) FROM (SELECT COUNT(*) AS [rows] FROM (SELECT [n], CAST([c0] AS varchar(20)) AS [c0], CAST([c1] AS decimal(9,0)) AS [c1] FROM [#tributary1]) AS typed GROUP BY [c0], [c1]) AS grouped;
WHILE @round <= @rounds
BEGIN
MERGE INTO [dbo].[ticks] WITH (HOLDLOCK) AS target
USING (SELECT * FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY [c0], [c1] ORDER BY [n]) AS [round]
  FROM (SELECT [n], CAST([c0] AS varchar(20)) AS [c0], CAST([c1] AS decimal(9,0)) AS [c1] FROM [#tributary1]) AS typed) AS numbered
  WHERE [round] = @round) AS incoming
ON (target.[a] = incoming.[c0] AND target.[b] = incoming.[c1])
WHEN NOT MATCHED BY TARGET THEN
  INSERT ([a], [b])
  VALUES (incoming.[c0], incoming.[c1]);
SET @round = @round + 1;
END;
