-- Counts the changes of a package and of its prices. Who writes either advances it first: that holds the row to the commit, and whoever read an older number is refused.
ALTER TABLE Packages ADD Version bigint NOT NULL CONSTRAINT DF_Packages_Version DEFAULT 1;

ALTER TABLE PackagePrices ADD CONSTRAINT CK_PackagePrices_Span CHECK (ValidUntil IS NULL OR ValidUntil > ValidFrom);
CREATE UNIQUE INDEX UX_PackagePrices_Open ON PackagePrices (Package, Purpose, Currency) WHERE ValidUntil IS NULL;
CREATE INDEX IX_PackagePrices_ValidFrom ON PackagePrices (Package, ValidFrom, Purpose, Currency);

-- Prices that were taken back before they began. They stand apart, so that whoever reads prices cannot forget to leave them out.
CREATE TABLE WithdrawnPrices (
    Id binary(16) NOT NULL CONSTRAINT PK_WithdrawnPrices PRIMARY KEY,
    Package nvarchar(40) ${ordinal} NOT NULL CONSTRAINT FK_WithdrawnPrices_Packages REFERENCES Packages (Slug),
    Purpose nvarchar(6) ${ordinal} NOT NULL CONSTRAINT CK_WithdrawnPrices_Purpose CHECK (Purpose IN ('list', 'charge')),
    Currency nchar(3) ${ordinal} NOT NULL CONSTRAINT CK_WithdrawnPrices_Currency CHECK (Currency LIKE '___'),
    AmountMinor bigint NOT NULL CONSTRAINT CK_WithdrawnPrices_Amount CHECK (AmountMinor BETWEEN 1 AND 999999999999),
    TaxMode nvarchar(9) ${ordinal} NULL CONSTRAINT CK_WithdrawnPrices_TaxMode CHECK (TaxMode IN ('inclusive', 'exclusive')),
    CreemProductId nvarchar(80) ${ordinal} NULL,
    ValidFrom datetime2(3) NOT NULL,
    ValidUntil datetime2(3) NULL,
    WithdrawnAt datetime2(3) NOT NULL,
    WithdrawnBy nvarchar(320) ${ordinal} NOT NULL
);
CREATE INDEX IX_WithdrawnPrices_Package ON WithdrawnPrices (Package, WithdrawnAt, Id);
