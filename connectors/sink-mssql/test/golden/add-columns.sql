ALTER TABLE [dbo].[new]]table] ADD
  [i16] smallint NULL,
  [i32] int NULL DEFAULT -5 WITH VALUES
