CREATE TABLE [#tributary1] (
  [n] int NOT NULL,
  [c0] nvarchar(50) NULL,
  [c1] int NULL,
  [p1] bit NOT NULL
)

DECLARE @round int, @rounds int;
INSERT INTO [dbo].[ticks] ([price])
SELECT incoming.[c0] FROM (SELECT [n], CAST([c0] AS decimal(18,6)) AS [c0], [c1], [p1] FROM [#tributary1]) AS incoming
WHERE incoming.[p1] = 0
ORDER BY incoming.[n];
INSERT INTO [dbo].[ticks] ([price], [n])
SELECT incoming.[c0], incoming.[c1] FROM (SELECT [n], CAST([c0] AS decimal(18,6)) AS [c0], [c1], [p1] FROM [#tributary1]) AS incoming
WHERE incoming.[p1] = 1
ORDER BY incoming.[n];
