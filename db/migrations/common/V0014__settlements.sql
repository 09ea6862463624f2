-- What an upstream's month comes to. A draft is computed anew as often as wanted; an approved one never changes: its lines, the rows it used and the era it closed are kept.
CREATE TABLE Settlements (
    Number bigint NOT NULL CONSTRAINT PK_Settlements PRIMARY KEY,
    Upstream nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_Settlements_Upstreams REFERENCES Upstreams (Name),
    Period nchar(7) ${ordinal} NOT NULL,
    WindowFrom datetime2(3) NOT NULL,
    WindowUntil datetime2(3) NOT NULL,
    Status nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_Settlements_Status CHECK (Status IN ('draft', 'approved', 'closed')),
    Currency nchar(3) ${ordinal} NOT NULL,
    Records bigint NOT NULL,
    TotalNano bigint NOT NULL,
    PayableMinor bigint NOT NULL,
    ResidueNano bigint NOT NULL,
    Reads bigint NOT NULL,
    Input bigint NOT NULL,
    HitRate nvarchar(10) ${ordinal} NULL,
    SavingNano bigint NULL,
    Blockers int NOT NULL,
    Document ${text} NULL,
    DataHash binary(32) NOT NULL,
    ComputedAt datetime2(3) NOT NULL,
    ApprovedBy nvarchar(320) ${ordinal} NULL,
    ApprovedAt datetime2(3) NULL,
    RequestedBy nvarchar(320) ${ordinal} NULL,
    Era int NULL,
    ClosedBy nvarchar(320) ${ordinal} NULL,
    ClosedAt datetime2(3) NULL,
    CONSTRAINT UX_Settlements_Upstream UNIQUE (Upstream, Period),
    CONSTRAINT CK_Settlements_Approved CHECK ((Status = 'draft' AND ApprovedBy IS NULL AND Era IS NULL) OR (Status <> 'draft' AND ApprovedBy IS NOT NULL AND Era IS NOT NULL AND Document IS NOT NULL)),
    CONSTRAINT CK_Settlements_SecondPerson CHECK (ApprovedBy IS NULL OR ApprovedBy <> RequestedBy)
);
CREATE INDEX IX_Settlements_Period ON Settlements (Period, Upstream);

-- The rows of rates an approved settlement used, and until when: no such row ends before.
CREATE TABLE SettlementUses (
    Settlement bigint NOT NULL CONSTRAINT FK_SettlementUses_Settlements REFERENCES Settlements (Number),
    Kind nvarchar(10) ${ordinal} NOT NULL CONSTRAINT CK_SettlementUses_Kind CHECK (Kind IN ('price', 'mapping', 'credit')),
    Number bigint NOT NULL,
    UsedFrom datetime2(3) NOT NULL,
    UsedUntil datetime2(3) NOT NULL,
    CONSTRAINT PK_SettlementUses PRIMARY KEY (Settlement, Kind, Number)
);
CREATE INDEX IX_SettlementUses_Kind ON SettlementUses (Kind, Number, UsedUntil);

-- What an upstream asks for a month; imported again, the newer one counts and the older stays.
CREATE TABLE UpstreamInvoices (
    Number bigint NOT NULL CONSTRAINT PK_UpstreamInvoices PRIMARY KEY,
    Upstream nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_UpstreamInvoices_Upstreams REFERENCES Upstreams (Name),
    Period nchar(7) ${ordinal} NOT NULL,
    Currency nchar(3) ${ordinal} NOT NULL,
    StatedNano bigint NULL,
    ImportId binary(16) NOT NULL CONSTRAINT FK_UpstreamInvoices_Imports REFERENCES Imports (Id),
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) ${ordinal} NOT NULL,
    AcceptedBy nvarchar(320) ${ordinal} NULL,
    AcceptedAt datetime2(3) NULL,
    AcceptReason nvarchar(1000) NULL
);
CREATE UNIQUE INDEX UX_UpstreamInvoices_ImportId ON UpstreamInvoices (ImportId);
CREATE INDEX IX_UpstreamInvoices_Upstream ON UpstreamInvoices (Upstream, Period, Number);

CREATE TABLE InvoiceLines (
    Invoice bigint NOT NULL CONSTRAINT FK_InvoiceLines_UpstreamInvoices REFERENCES UpstreamInvoices (Number),
    Line bigint NOT NULL,
    Day date NULL,
    Model nvarchar(120) ${ordinal} NOT NULL,
    Part nvarchar(20) ${ordinal} NOT NULL,
    Tokens bigint NOT NULL,
    AmountNano bigint NOT NULL,
    CONSTRAINT PK_InvoiceLines PRIMARY KEY (Invoice, Line)
);
