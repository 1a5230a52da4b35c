CREATE TABLE [#tributary1] (
  [n] int NOT NULL,
  [c0] int NULL,
  [c1] int NULL,
  [c2] int NULL,
  [c3] bigint NULL,
  [c4] bit NULL,
  [c5] float NULL,
  [c6] real NULL,
  [c7] nvarchar(50) NULL,
  [c8] nvarchar(50) NULL,
  [c9] nvarchar(50) NULL,
  [c10] nvarchar(50) NULL,
  [c11] nvarchar(50) NULL,
  [c12] nvarchar(50) NULL,
  [c13] nvarchar(50) NULL,
  [c14] nvarchar(50) NULL,
  [c15] nvarchar(50) NULL,
  [c16] nvarchar(50) NULL,
  [c17] nvarchar(3) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c18] nvarchar(max) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c19] nvarchar(max) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c20] nvarchar(max) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c21] nvarchar(3) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c22] nvarchar(4000) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c23] nvarchar(max) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c24] nvarchar(max) COLLATE SQL_Latin1_General_CP1_CI_AS NULL,
  [c25] varbinary(4) NULL,
  [c26] varbinary(8000) NULL,
  [c27] varbinary(max) NULL,
  [c28] varbinary(max) NULL,
  [c29] uniqueidentifier NULL,
  [c30] nvarchar(max) NULL,
  [c31] nvarchar(4000) NULL,
  [c32] nvarchar(max) NULL,
  [c33] nvarchar(max) NULL,
  [c34] nvarchar(max) NULL
)

DECLARE @round int, @rounds int;
INSERT INTO [dbo].[ticks] ([c0_tinyint], [c1_smallint], [c2_int], [c3_bigint], [c4_bit], [c5_float], [c6_real], [c7_decimal(38,10)], [c8_numeric(5,0)], [c9_money], [c10_smallmoney], [c11_date], [c12_time(7)], [c13_datetime2(3)], [c14_datetime], [c15_smalldatetime], [c16_datetimeoffset(7)], [c17_char(3)], [c18_varchar(8000)], [c19_varchar(max)], [c20_text], [c21_nchar(3)], [c22_nvarchar(4000)], [c23_nvarchar(max)], [c24_ntext], [c25_binary(4)], [c26_varbinary(8000)], [c27_varbinary(max)], [c28_image], [c29_uniqueidentifier], [c30_xml], [c31_sql_variant], [c32_hierarchyid], [c33_geography], [c34_json])
SELECT incoming.[c0], incoming.[c1], incoming.[c2], incoming.[c3], incoming.[c4], incoming.[c5], incoming.[c6], incoming.[c7], incoming.[c8], incoming.[c9], incoming.[c10], incoming.[c11], incoming.[c12], incoming.[c13], incoming.[c14], incoming.[c15], incoming.[c16], incoming.[c17], incoming.[c18], incoming.[c19], incoming.[c20], incoming.[c21], incoming.[c22], incoming.[c23], incoming.[c24], incoming.[c25], incoming.[c26], incoming.[c27], incoming.[c28], incoming.[c29], incoming.[c30], incoming.[c31], incoming.[c32], incoming.[c33], incoming.[c34] FROM (SELECT [n], [c0], [c1], [c2], [c3], [c4], [c5], [c6], CAST([c7] AS decimal(38,10)) AS [c7], CAST([c8] AS numeric(5,0)) AS [c8], CAST([c9] AS money) AS [c9], CAST([c10] AS smallmoney) AS [c10], CAST([c11] AS date) AS [c11], CAST([c12] AS time(7)) AS [c12], CAST([c13] AS datetime2(3)) AS [c13], CAST(CAST([c14] AS datetime2(7)) AS datetime) AS [c14], CAST(CAST([c15] AS datetime2(7)) AS smalldatetime) AS [c15], CAST([c16] AS datetimeoffset(7)) AS [c16], CAST([c17] AS char(3)) AS [c17], CAST([c18] AS varchar(8000)) AS [c18], CAST([c19] AS varchar(max)) AS [c19], [c20], CAST([c21] AS nchar(3)) AS [c21], [c22], [c23], [c24], CAST([c25] AS binary(4)) AS [c25], [c26], [c27], [c28], [c29], CAST([c30] AS xml) AS [c30], [c31], CAST([c32] AS hierarchyid) AS [c32], CAST([c33] AS geography) AS [c33], CAST([c34] AS json) AS [c34] FROM [#tributary1]) AS incoming
ORDER BY incoming.[n];
