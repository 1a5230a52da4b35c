CREATE TABLE [#tributary1] (
  [n] int NOT NULL,
  [c0] nvarchar(450) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c1] nvarchar(50) NULL,
  [c2] nvarchar(50) NULL
)

DECLARE @round int, @rounds int;
INSERT INTO [dbo].[ticks] ([symbol], [price], [event_time])
SELECT incoming.[c0], incoming.[c1], incoming.[c2] FROM (SELECT [n], [c0], CAST([c1] AS decimal(18,6)) AS [c1], CAST([c2] AS datetime2(7)) AS [c2] FROM [#tributary1]) AS incoming
ORDER BY incoming.[n];
