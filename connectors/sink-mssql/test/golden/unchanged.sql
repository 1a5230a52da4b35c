IF NOT EXISTS (SELECT 1 FROM [sys].[objects] WHERE [object_id] = OBJECT_ID(N'[dbo].[t''icks]') AND CONVERT(nvarchar(30), [modify_date], 126) = N'2026-01-02T03:04:05.678')
BEGIN;
THROW 51301, N'Table [dbo].[t''icks] was changed', 1;
END;
