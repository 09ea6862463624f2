-- Imports of usage say which console it is of, those of an invoice whose and of which month: as JSON, part of what the same import is.
ALTER TABLE Imports DROP CONSTRAINT CK_Imports_Kind;
ALTER TABLE Imports ADD CONSTRAINT CK_Imports_Kind CHECK (Kind IN ('orders', 'deliveries', 'creem', 'usage', 'prices', 'mappings', 'invoice'));
ALTER TABLE Imports ADD Options nvarchar(400) ${ordinal} NULL;

-- Whom tokens are bought from. Zone: the time zone of its months.
CREATE TABLE Upstreams (
    Name nvarchar(40) ${ordinal} NOT NULL CONSTRAINT PK_Upstreams PRIMARY KEY,
    Zone nvarchar(60) ${ordinal} NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL
);

-- Rows with dates: never edited but to fill a blank end once. A blank beginning is since ever, a blank end until further notice; the end is not included.
CREATE TABLE UpstreamCurrencies (
    Number bigint NOT NULL CONSTRAINT PK_UpstreamCurrencies PRIMARY KEY,
    Upstream nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_UpstreamCurrencies_Upstreams REFERENCES Upstreams (Name),
    Currency nchar(3) ${ordinal} NOT NULL CONSTRAINT CK_UpstreamCurrencies_Currency CHECK (Currency LIKE '___'),
    ValidFrom datetime2(3) NULL,
    ValidUntil datetime2(3) NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL
);
CREATE INDEX IX_UpstreamCurrencies_Upstream ON UpstreamCurrencies (Upstream, Number);

CREATE TABLE UpstreamPrices (
    Number bigint NOT NULL CONSTRAINT PK_UpstreamPrices PRIMARY KEY,
    Upstream nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_UpstreamPrices_Upstreams REFERENCES Upstreams (Name),
    Model nvarchar(120) ${ordinal} NOT NULL,
    Part nvarchar(20) ${ordinal} NOT NULL CONSTRAINT CK_UpstreamPrices_Part CHECK (Part IN ('uncached_input', 'cache_read', 'cache_write_5m', 'cache_write_1h', 'output')),
    Band nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_UpstreamPrices_Band CHECK (Band IN ('all', 'peak', 'off_peak')),
    Currency nchar(3) ${ordinal} NOT NULL CONSTRAINT CK_UpstreamPrices_Currency CHECK (Currency LIKE '___'),
    PriceMicro bigint NOT NULL CONSTRAINT CK_UpstreamPrices_PriceMicro CHECK (PriceMicro BETWEEN 0 AND 1000000000000000),
    ValidFrom datetime2(3) NULL,
    ValidUntil datetime2(3) NULL,
    Origin nvarchar(200) NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL,
    CONSTRAINT CK_UpstreamPrices_Valid CHECK (ValidUntil > ValidFrom)
);
CREATE INDEX IX_UpstreamPrices_Upstream ON UpstreamPrices (Upstream, Model, Part, Number);

-- Which model of which upstream a name stands for; the model '-' is none: such records are no tokens.
CREATE TABLE ModelMappings (
    Number bigint NOT NULL CONSTRAINT PK_ModelMappings PRIMARY KEY,
    Name nvarchar(120) ${ordinal} NOT NULL,
    Upstream nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_ModelMappings_Upstreams REFERENCES Upstreams (Name),
    Model nvarchar(120) ${ordinal} NOT NULL,
    ValidFrom datetime2(3) NULL,
    ValidUntil datetime2(3) NULL,
    Origin nvarchar(200) NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL,
    CONSTRAINT CK_ModelMappings_Valid CHECK (ValidUntil > ValidFrom)
);
CREATE INDEX IX_ModelMappings_Name ON ModelMappings (Name, Upstream, Number);
CREATE INDEX IX_ModelMappings_Upstream ON ModelMappings (Upstream, Number);

-- Peak hours: Weekdays has one bit a day, Monday 1 to Sunday 64; Windows are local times, 09:00-12:00,14:00-18:00.
CREATE TABLE PriceCalendars (
    Number bigint NOT NULL CONSTRAINT PK_PriceCalendars PRIMARY KEY,
    Upstream nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_PriceCalendars_Upstreams REFERENCES Upstreams (Name),
    Zone nvarchar(60) ${ordinal} NOT NULL,
    Weekdays int NOT NULL CONSTRAINT CK_PriceCalendars_Weekdays CHECK (Weekdays BETWEEN 0 AND 127),
    Windows nvarchar(400) ${ordinal} NOT NULL,
    ValidFrom datetime2(3) NULL,
    ValidUntil datetime2(3) NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL
);
CREATE INDEX IX_PriceCalendars_Upstream ON PriceCalendars (Upstream, Number);

CREATE TABLE CalendarHolidays (
    Upstream nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_CalendarHolidays_Upstreams REFERENCES Upstreams (Name),
    Day date NOT NULL,
    Origin nvarchar(200) NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL,
    CONSTRAINT PK_CalendarHolidays PRIMARY KEY (Upstream, Day)
);

-- What a customer's tokens cost in credits, by the console's model name; weights and divisor in millionths. Instants are beginnings of business days.
CREATE TABLE CreditRules (
    Number bigint NOT NULL CONSTRAINT PK_CreditRules PRIMARY KEY,
    Name nvarchar(120) ${ordinal} NOT NULL,
    InputMicro bigint NOT NULL CONSTRAINT CK_CreditRules_InputMicro CHECK (InputMicro BETWEEN 0 AND 1000000000000),
    DivisorMicro bigint NOT NULL CONSTRAINT CK_CreditRules_DivisorMicro CHECK (DivisorMicro BETWEEN 1 AND 1000000000000),
    WriteMicro bigint NOT NULL CONSTRAINT CK_CreditRules_WriteMicro CHECK (WriteMicro BETWEEN 0 AND 1000000000000),
    OutputMicro bigint NOT NULL CONSTRAINT CK_CreditRules_OutputMicro CHECK (OutputMicro BETWEEN 0 AND 1000000000000),
    ValidFrom datetime2(3) NULL,
    ValidUntil datetime2(3) NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL
);
CREATE INDEX IX_CreditRules_Name ON CreditRules (Name, Number);

-- One unit of Base is RateNano / 10^9 units of Quote.
CREATE TABLE ExchangeRates (
    Number bigint NOT NULL CONSTRAINT PK_ExchangeRates PRIMARY KEY,
    Base nchar(3) ${ordinal} NOT NULL CONSTRAINT CK_ExchangeRates_Base CHECK (Base LIKE '___'),
    Quote nchar(3) ${ordinal} NOT NULL CONSTRAINT CK_ExchangeRates_Quote CHECK (Quote LIKE '___'),
    RateNano bigint NOT NULL CONSTRAINT CK_ExchangeRates_RateNano CHECK (RateNano BETWEEN 1 AND 1000000000000000),
    ValidFrom datetime2(3) NULL,
    ValidUntil datetime2(3) NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL
);
CREATE INDEX IX_ExchangeRates_Base ON ExchangeRates (Base, Quote, Number);

-- Consoles that usage comes from; a record's id is unique within one.
CREATE TABLE UsageSources (
    Id int NOT NULL CONSTRAINT PK_UsageSources PRIMARY KEY,
    Name nvarchar(40) ${ordinal} NOT NULL CONSTRAINT UX_UsageSources_Name UNIQUE,
    RecordedAt datetime2(3) NOT NULL
);

-- Whose the calls of a console's channel are, where a record does not name its upstream.
CREATE TABLE ChannelUpstreams (
    SourceId int NOT NULL CONSTRAINT FK_ChannelUpstreams_UsageSources REFERENCES UsageSources (Id),
    Channel nvarchar(40) ${ordinal} NOT NULL,
    Upstream nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_ChannelUpstreams_Upstreams REFERENCES Upstreams (Name),
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL,
    CONSTRAINT PK_ChannelUpstreams PRIMARY KEY (SourceId, Channel)
);

-- The names a record came with, as they stood; '' where it had none. Mapped and priced when read.
CREATE TABLE UsageNames (
    Id int NOT NULL CONSTRAINT PK_UsageNames PRIMARY KEY,
    SourceId int NOT NULL CONSTRAINT FK_UsageNames_UsageSources REFERENCES UsageSources (Id),
    Upstream nvarchar(40) ${ordinal} NOT NULL,
    ConsoleName nvarchar(120) ${ordinal} NOT NULL,
    UpstreamName nvarchar(120) ${ordinal} NOT NULL,
    Channel nvarchar(40) ${ordinal} NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    CONSTRAINT UX_UsageNames_SourceId UNIQUE (SourceId, Upstream, ConsoleName, UpstreamName, Channel)
);

CREATE TABLE UsageKeys (
    Id int NOT NULL CONSTRAINT PK_UsageKeys PRIMARY KEY,
    SourceId int NOT NULL CONSTRAINT FK_UsageKeys_UsageSources REFERENCES UsageSources (Id),
    Reference nvarchar(120) ${ordinal} NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    CONSTRAINT UX_UsageKeys_SourceId UNIQUE (SourceId, Reference)
);

-- Quarter: quarter-hours since 1970. Era: how many approvals there had been when the record, or its present content, came in; what came after the approval of its month is an
-- adjustment of a later one. ChargedQuota: what the console took, NULL where it does not say; negative in a refund (Flags 8), which has no tokens.
CREATE TABLE UsageRecords (
    SourceId int NOT NULL,
    ExternalId nvarchar(80) ${ordinal} NOT NULL,
    OccurredAt datetime2(3) NOT NULL,
    Quarter int NOT NULL,
    NamesId int NOT NULL,
    KeyId int NOT NULL,
    UncachedInput bigint NOT NULL CONSTRAINT CK_UsageRecords_UncachedInput CHECK (UncachedInput BETWEEN 0 AND 1000000000000),
    CacheRead bigint NOT NULL CONSTRAINT CK_UsageRecords_CacheRead CHECK (CacheRead BETWEEN 0 AND 1000000000000),
    CacheWrite5m bigint NOT NULL CONSTRAINT CK_UsageRecords_CacheWrite5m CHECK (CacheWrite5m BETWEEN 0 AND 1000000000000),
    CacheWrite1h bigint NOT NULL CONSTRAINT CK_UsageRecords_CacheWrite1h CHECK (CacheWrite1h BETWEEN 0 AND 1000000000000),
    OutputTokens bigint NOT NULL CONSTRAINT CK_UsageRecords_OutputTokens CHECK (OutputTokens BETWEEN 0 AND 1000000000000),
    ChargedQuota bigint NULL,
    Flags int NOT NULL CONSTRAINT CK_UsageRecords_Flags CHECK (Flags BETWEEN 0 AND 15),
    Era int NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    CONSTRAINT PK_UsageRecords PRIMARY KEY (SourceId, ExternalId),
    CONSTRAINT FK_UsageRecords_UsageNames FOREIGN KEY (NamesId) REFERENCES UsageNames (Id),
    CONSTRAINT FK_UsageRecords_UsageKeys FOREIGN KEY (KeyId) REFERENCES UsageKeys (Id)
) ${mass};
CREATE INDEX IX_UsageRecords_Quarter ON UsageRecords (Quarter, NamesId);
CREATE INDEX IX_UsageRecords_KeyId ON UsageRecords (KeyId, Quarter);

-- Sums of records, kept in the transactions that store them. Sums of what came in an era: a record replaced later takes its old figures back in the later one.
CREATE TABLE UsageRollups (
    Quarter int NOT NULL,
    NamesId int NOT NULL,
    Era int NOT NULL,
    Records bigint NOT NULL,
    UncachedInput bigint NOT NULL,
    CacheRead bigint NOT NULL,
    CacheWrite5m bigint NOT NULL,
    CacheWrite1h bigint NOT NULL,
    OutputTokens bigint NOT NULL,
    ChargedQuota bigint NOT NULL,
    CONSTRAINT PK_UsageRollups PRIMARY KEY (Quarter, NamesId, Era)
) ${mass};
CREATE INDEX IX_UsageRollups_Era ON UsageRollups (Era, Quarter) WHERE Era > 1;

-- The same by key and business day; Charged says whether the console told what it took: only those are compared. Refunds are apart and have no tokens.
CREATE TABLE KeyRollups (
    Day date NOT NULL,
    KeyId int NOT NULL,
    NamesId int NOT NULL,
    Charged bit NOT NULL CONSTRAINT CK_KeyRollups_Charged CHECK (Charged IN (0, 1)),
    Records bigint NOT NULL,
    UncachedInput bigint NOT NULL,
    CacheRead bigint NOT NULL,
    CacheWrite5m bigint NOT NULL,
    CacheWrite1h bigint NOT NULL,
    OutputTokens bigint NOT NULL,
    ChargedQuota bigint NOT NULL,
    Refunds bigint NOT NULL,
    RefundedQuota bigint NOT NULL,
    CONSTRAINT PK_KeyRollups PRIMARY KEY (Day, KeyId, NamesId, Charged)
) ${mass};

-- What was not taken in, until a person says what to do: a line that could not be read (accepted: it stays out), or a record that came again with other content
-- (kept: the first counts; replaced: this one). Fingerprint is of the line or content, so that the same file again asks nothing again.
CREATE TABLE UsageAsides (
    Id binary(16) NOT NULL CONSTRAINT PK_UsageAsides PRIMARY KEY,
    SourceId int NOT NULL CONSTRAINT FK_UsageAsides_UsageSources REFERENCES UsageSources (Id),
    Fingerprint binary(16) NOT NULL,
    Kind nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_UsageAsides_Kind CHECK (Kind IN ('unreadable', 'conflict')),
    State nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_UsageAsides_State CHECK (State IN ('open', 'accepted', 'kept', 'replaced')),
    ExternalId nvarchar(80) ${ordinal} NULL,
    Quarter int NULL,
    OtherQuarter int NULL,
    Code nvarchar(60) ${ordinal} NOT NULL,
    Field nvarchar(60) ${ordinal} NOT NULL,
    Args nvarchar(2000) NOT NULL,
    Content nvarchar(2000) NULL,
    ImportId binary(16) NULL CONSTRAINT FK_UsageAsides_Imports REFERENCES Imports (Id),
    Line bigint NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    DecidedBy nvarchar(320) ${ordinal} NULL,
    DecidedAt datetime2(3) NULL,
    Reason nvarchar(1000) NULL,
    CONSTRAINT UX_UsageAsides_Fingerprint UNIQUE (SourceId, Fingerprint),
    CONSTRAINT CK_UsageAsides_Decided CHECK ((State = 'open' AND DecidedBy IS NULL) OR (State <> 'open' AND DecidedBy IS NOT NULL))
);
CREATE INDEX IX_UsageAsides_State ON UsageAsides (State, RecordedAt, Id);

INSERT INTO Upstreams (Name, Zone, RecordedAt, RecordedBy) VALUES ('deepseek', 'Asia/Shanghai', '2026-01-01 00:00:00.000', 'system');
INSERT INTO UpstreamCurrencies (Number, Upstream, Currency, ValidFrom, ValidUntil, RecordedAt, RecordedBy) VALUES (1, 'deepseek', 'CNY', NULL, NULL, '2026-01-01 00:00:00.000', 'system');
INSERT INTO PriceCalendars (Number, Upstream, Zone, Weekdays, Windows, ValidFrom, ValidUntil, RecordedAt, RecordedBy)
VALUES (1, 'deepseek', 'Asia/Shanghai', 31, '09:00-12:00,14:00-18:00', NULL, NULL, '2026-01-01 00:00:00.000', 'system');
INSERT INTO CalendarHolidays (Upstream, Day, Origin, RecordedAt, RecordedBy) VALUES
    ('deepseek', '2026-01-01', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-01-02', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-01-03', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-02-15', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-02-16', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-02-17', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-02-18', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-02-19', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-02-20', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-02-21', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-02-22', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-02-23', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-04-04', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-04-05', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-04-06', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-05-01', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-05-02', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-05-03', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-05-04', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-05-05', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-06-19', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-06-20', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-06-21', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-09-25', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-09-26', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-09-27', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-10-01', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-10-02', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-10-03', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-10-04', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-10-05', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-10-06', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system'),
    ('deepseek', '2026-10-07', 'State Council notice of 2025-11-04', '2026-01-01 00:00:00.000', 'system');
INSERT INTO Counters (Name, Value) VALUES ('UpstreamCurrencies', 1), ('PriceCalendars', 1), ('UsageEra', 1);
