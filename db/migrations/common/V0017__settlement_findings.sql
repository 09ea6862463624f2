-- Findings of settlements stand in the same queue. Scope: the month whose drafts open and clear them, deepseek/2026-09, or 2026-09 of what customers were charged; NULL for
-- those of reconciliation, which no draft touches, as no run touches these. Detail: what the finding says, as JSON; such findings are about no order and no payment.
ALTER TABLE Findings ADD Scope nvarchar(60) ${ordinal} NULL;
ALTER TABLE Findings ADD Detail nvarchar(2000) NULL;
CREATE INDEX IX_Findings_Scope ON Findings (Scope, Kind, Subject) WHERE Scope IS NOT NULL;

-- SHA-256 of the figures that were accepted with an invoice: what is computed later may differ, and is accepted anew.
ALTER TABLE UpstreamInvoices ADD AcceptedHash binary(32) NULL;
