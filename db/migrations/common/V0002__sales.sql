CREATE TABLE Orders (
    OrderNo nvarchar(64) ${ordinal} NOT NULL CONSTRAINT PK_Orders PRIMARY KEY,
    Package nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_Orders_Packages REFERENCES Packages (Slug),
    Units int NOT NULL CONSTRAINT CK_Orders_Units CHECK (Units BETWEEN 1 AND 100000),
    Tokens bigint NOT NULL CONSTRAINT CK_Orders_Tokens CHECK (Tokens BETWEEN 1 AND 9000000000000000),
    CustomerEmail nvarchar(320) ${ordinal} NOT NULL,
    ListCurrency nchar(3) ${ordinal} NOT NULL CONSTRAINT CK_Orders_ListCurrency CHECK (ListCurrency LIKE '___'),
    ListMinor bigint NOT NULL CONSTRAINT CK_Orders_ListMinor CHECK (ListMinor BETWEEN 0 AND 999999999999),
    ChargeCurrency nchar(3) ${ordinal} NOT NULL CONSTRAINT CK_Orders_ChargeCurrency CHECK (ChargeCurrency LIKE '___'),
    ChargeMinor bigint NOT NULL CONSTRAINT CK_Orders_ChargeMinor CHECK (ChargeMinor BETWEEN 0 AND 999999999999),
    TaxMode nvarchar(9) ${ordinal} NOT NULL CONSTRAINT CK_Orders_TaxMode CHECK (TaxMode IN ('inclusive', 'exclusive')),
    CreemOrderId nvarchar(80) ${ordinal} NULL,
    Source nvarchar(10) ${ordinal} NOT NULL,
    CreatedAt datetime2(3) NOT NULL,
    RecordedAt datetime2(3) NOT NULL
);
CREATE UNIQUE INDEX UX_Orders_CreemOrderId ON Orders (CreemOrderId) WHERE CreemOrderId IS NOT NULL;
CREATE INDEX IX_Orders_CreatedAt ON Orders (CreatedAt, OrderNo);
CREATE INDEX IX_Orders_CustomerEmail ON Orders (CustomerEmail, CreatedAt, OrderNo);
CREATE INDEX IX_Orders_Package ON Orders (Package, CreatedAt, OrderNo);
CREATE INDEX IX_Orders_RecordedAt ON Orders (RecordedAt, OrderNo);

-- Append-only: what each source said. The same (transaction, content, source) is stored once.
CREATE TABLE PaymentObservations (
    TransactionId nvarchar(80) ${ordinal} NOT NULL,
    PayloadHash binary(16) NOT NULL,
    Source nvarchar(8) ${ordinal} NOT NULL CONSTRAINT CK_PaymentObservations_Source CHECK (Source IN ('webhook', 'file', 'api')),
    Status nvarchar(40) NOT NULL,
    Mode nvarchar(40) ${ordinal} NULL,
    Currency nchar(3) ${ordinal} NULL CONSTRAINT CK_PaymentObservations_Currency CHECK (Currency LIKE '___'),
    AmountMinor bigint NULL,
    AmountPaidMinor bigint NULL,
    AmountDueMinor bigint NULL,
    TaxMinor bigint NULL,
    DiscountMinor bigint NULL,
    RefundedMinor bigint NULL,
    CreemOrderId nvarchar(80) ${ordinal} NULL,
    RequestId nvarchar(200) ${ordinal} NULL,
    TaxCountry nvarchar(2) NULL,
    CustomerId nvarchar(80) ${ordinal} NULL,
    CreatedAt datetime2(3) NULL,
    HappenedAt datetime2(3) NULL,
    RecordedAt datetime2(3) NOT NULL,
    CONSTRAINT PK_PaymentObservations PRIMARY KEY (TransactionId, PayloadHash, Source)
);
CREATE INDEX IX_PaymentObservations_CreemOrderId ON PaymentObservations (CreemOrderId, TransactionId);
CREATE INDEX IX_PaymentObservations_RequestId ON PaymentObservations (RequestId, TransactionId) WHERE RequestId IS NOT NULL;
CREATE INDEX IX_PaymentObservations_CreatedAt ON PaymentObservations (CreatedAt, CreemOrderId, RequestId, TransactionId);
CREATE INDEX IX_PaymentObservations_HappenedAt ON PaymentObservations (HappenedAt, CreemOrderId, RequestId, TransactionId) WHERE HappenedAt IS NOT NULL;
CREATE INDEX IX_PaymentObservations_RecordedAt ON PaymentObservations (RecordedAt, CreemOrderId, RequestId, TransactionId);

-- Transactions whose observations do not all name one Creem order. A run reads the others by the order they name, and these by themselves.
CREATE TABLE StrayTransactions (
    TransactionId nvarchar(80) ${ordinal} NOT NULL CONSTRAINT PK_StrayTransactions PRIMARY KEY
);

-- The current state of a transaction, for lists; a reconciliation reads observations only.
CREATE TABLE Payments (
    TransactionId nvarchar(80) ${ordinal} NOT NULL CONSTRAINT PK_Payments PRIMARY KEY,
    Status nvarchar(12) ${ordinal} NOT NULL CONSTRAINT CK_Payments_Status CHECK (Status IN ('unpaid', 'unknown', 'paid', 'refunded', 'charged_back')),
    Currency nchar(3) ${ordinal} NULL,
    AmountPaidMinor bigint NULL,
    TaxMinor bigint NOT NULL,
    RefundedMinor bigint NOT NULL,
    CreemOrderId nvarchar(80) ${ordinal} NULL,
    CreatedAt datetime2(3) NOT NULL,
    RecordedAt datetime2(3) NOT NULL
);
CREATE INDEX IX_Payments_CreatedAt ON Payments (CreatedAt, TransactionId);

-- One data key per calendar month, wrapped by the key ring; 'lookup' is the key of the lookup hashes, made once, never rotated.
CREATE TABLE VaultKeys (
    Name nvarchar(20) ${ordinal} NOT NULL CONSTRAINT PK_VaultKeys PRIMARY KEY,
    WrappedKey varbinary(2000) NOT NULL,
    CreatedAt datetime2(3) NOT NULL
);

CREATE TABLE Deliveries (
    Id binary(16) NOT NULL CONSTRAINT PK_Deliveries PRIMARY KEY,
    OrderNo nvarchar(64) ${ordinal} NOT NULL CONSTRAINT FK_Deliveries_Orders REFERENCES Orders (OrderNo),
    Kind nvarchar(20) ${ordinal} NOT NULL CONSTRAINT CK_Deliveries_Kind CHECK (Kind IN ('api_key', 'redemption_code')),
    Tokens bigint NOT NULL CONSTRAINT CK_Deliveries_Tokens CHECK (Tokens BETWEEN 0 AND 9000000000000000),
    LookupKey binary(16) NOT NULL,
    KeyName nvarchar(20) ${ordinal} NOT NULL CONSTRAINT FK_Deliveries_VaultKeys REFERENCES VaultKeys (Name),
    Cipher varbinary(2200) NOT NULL,
    LastFour nvarchar(4) NOT NULL,
    Reference nvarchar(200) NULL,
    DeliveredAt datetime2(3) NOT NULL,
    RevokedAt datetime2(3) NULL,
    RecordedAt datetime2(3) NOT NULL,
    CONSTRAINT UX_Deliveries_Identity UNIQUE (OrderNo, Kind, LookupKey, DeliveredAt)
);
CREATE INDEX IX_Deliveries_LookupKey ON Deliveries (LookupKey, Kind, OrderNo);
CREATE INDEX IX_Deliveries_DeliveredAt ON Deliveries (DeliveredAt, OrderNo);
CREATE INDEX IX_Deliveries_RecordedAt ON Deliveries (RecordedAt, OrderNo);

CREATE TABLE DeliveryEvents (
    Id binary(16) NOT NULL CONSTRAINT PK_DeliveryEvents PRIMARY KEY,
    DeliveryId binary(16) NOT NULL CONSTRAINT FK_DeliveryEvents_Deliveries REFERENCES Deliveries (Id),
    OrderNo nvarchar(64) ${ordinal} NOT NULL,
    Kind nvarchar(20) ${ordinal} NOT NULL CONSTRAINT CK_DeliveryEvents_Kind CHECK (Kind IN ('revoked')),
    HappenedAt datetime2(3) NOT NULL,
    RecordedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) NOT NULL
);
CREATE UNIQUE INDEX UX_DeliveryEvents_Revoked ON DeliveryEvents (DeliveryId) WHERE Kind = 'revoked';
CREATE INDEX IX_DeliveryEvents_HappenedAt ON DeliveryEvents (HappenedAt, OrderNo);
CREATE INDEX IX_DeliveryEvents_RecordedAt ON DeliveryEvents (RecordedAt, OrderNo);
