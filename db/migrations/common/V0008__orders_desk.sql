-- What an order has come to, without the clock: of what lists filter by. NULL: not worked out yet, which is so only of orders from before this column.
ALTER TABLE Orders ADD Status nvarchar(30) ${ordinal} NULL CONSTRAINT CK_Orders_Status CHECK (Status IN (
    'awaiting_payment', 'unpaid', 'unknown_status', 'paid_not_delivered', 'paid_all_revoked', 'delivered', 'delivered_partly_refunded', 'delivered_not_paid',
    'not_paid_revoked', 'refunded', 'refunded_still_live', 'charged_back', 'charged_back_still_live'));
-- The money's part of it: with it a delivery comes to its status without reading the payments again.
ALTER TABLE Orders ADD Payment nvarchar(20) ${ordinal} NULL CONSTRAINT CK_Orders_Payment CHECK (Payment IN (
    'awaited', 'unpaid', 'unknown', 'paid', 'partly_refunded', 'refunded', 'charged_back'));
CREATE INDEX IX_Orders_Status ON Orders (Status, CreatedAt, OrderNo, Package);

CREATE INDEX IX_Payments_Status ON Payments (Status, CreatedAt, TransactionId, Currency);
CREATE INDEX IX_Payments_Currency ON Payments (Currency, CreatedAt, TransactionId);

-- LastFour in lower case, to be searched by. NULL as long as the order has no status.
ALTER TABLE Deliveries ADD LastFourKey nvarchar(4) ${ordinal} NULL;
CREATE INDEX IX_Deliveries_LastFourKey ON Deliveries (LastFourKey, DeliveredAt, Id);

-- Somebody saw a secret in full, and why.
ALTER TABLE DeliveryEvents DROP CONSTRAINT CK_DeliveryEvents_Kind;
ALTER TABLE DeliveryEvents ADD Reason nvarchar(1000) NULL;
ALTER TABLE DeliveryEvents ADD CONSTRAINT CK_DeliveryEvents_Kind CHECK (Kind IN ('revoked', 'revealed'));
CREATE INDEX IX_DeliveryEvents_Revealed ON DeliveryEvents (OrderNo, HappenedAt, Id) WHERE Kind = 'revealed';

-- Addresses that were erased, by a keyed hash: a file that holds one again brings it back under its stand-in, erased-<number>@invalid.
CREATE TABLE ErasedEmails (
    LookupKey binary(16) NOT NULL CONSTRAINT PK_ErasedEmails PRIMARY KEY,
    Number bigint NOT NULL CONSTRAINT UX_ErasedEmails_Number UNIQUE,
    ErasedAt datetime2(3) NOT NULL,
    RecordedBy nvarchar(320) NOT NULL
);
-- One more than there are addresses; a row from the start, so that an import and an erasure wait for each other.
INSERT INTO Counters (Name, Value) VALUES ('ErasedEmails', 1);
