IF OBJECT_ID(N'[dbo].[o]') IS NULL
CREATE TABLE [dbo].[o] (
  [connector] nvarchar(256) COLLATE Latin1_General_BIN2 NOT NULL,
  [topic] varchar(249) COLLATE Latin1_General_BIN2 NOT NULL,
  [partition] int NOT NULL,
  [epoch] bigint NOT NULL,
  [offset] bigint NOT NULL,
  PRIMARY KEY ([connector], [topic], [partition])
);

MERGE INTO [dbo].[o] WITH (HOLDLOCK) AS target
USING (SELECT @connector COLLATE Latin1_General_BIN2 AS [connector], CAST(@topic AS varchar(249)) COLLATE Latin1_General_BIN2 AS [topic], CAST(@partition AS int) AS [partition]) AS incoming
ON (target.[connector] = incoming.[connector] AND target.[topic] = incoming.[topic] AND target.[partition] = incoming.[partition])
WHEN MATCHED THEN UPDATE SET [epoch] = target.[epoch] + 1
WHEN NOT MATCHED BY TARGET THEN
  INSERT ([connector], [topic], [partition], [epoch], [offset])
  VALUES (incoming.[connector], incoming.[topic], incoming.[partition], 1, -1)
OUTPUT inserted.[epoch] AS [epoch], inserted.[offset] AS [offset];

UPDATE [dbo].[o] SET [offset] = @to0
WHERE [connector] = @connector AND [topic] = CAST(@topic0 AS varchar(249)) AND [partition] = CAST(@partition0 AS int) AND [epoch] = @epoch0 AND [offset] = @from0;
IF @@ROWCOUNT <> 1
BEGIN;
THROW 51303, N'The offsets are not where this task left them', 1;
END;
