CREATE TABLE [#tributary1] (
  [n] int NOT NULL,
  [d] bit NOT NULL,
  [c0] nvarchar(450) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c1] nvarchar(50) NULL,
  [c2] nvarchar(50) NULL
)

DECLARE @round int, @rounds int;
DELETE target FROM [dbo].[ticks] AS target
WHERE EXISTS (SELECT 1 FROM (SELECT [n], [d], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST([c2] AS datetime2(7)) AS [c2] FROM [#tributary1]) AS incoming WHERE incoming.[d] = 1 AND target.[symbol] = incoming.[c0]);
INSERT INTO [dbo].[ticks] ([symbol], [price], [event_time])
SELECT incoming.[c0], incoming.[c1], incoming.[c2] FROM (SELECT [n], [d], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST([c2] AS datetime2(7)) AS [c2] FROM [#tributary1]) AS incoming
WHERE incoming.[d] = 0 AND NOT EXISTS (SELECT 1 FROM (SELECT [n], [d], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST([c2] AS datetime2(7)) AS [c2] FROM [#tributary1]) AS later WHERE later.[d] = 1 AND later.[n] > incoming.[n] AND later.[c0] = incoming.[c0])
ORDER BY incoming.[n];
