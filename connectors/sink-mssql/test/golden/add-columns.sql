ALTER TABLE [dbo].[new]]table] ADD
  [i16] smallint NULL,
  [i32] int DEFAULT -5 NULL WITH VALUES
