-- What orders with a standing payment were sold for: summed over all of them for the estimate of what a month brought in.
CREATE INDEX IX_Orders_Sold ON Orders (ListCurrency, CreatedAt, Payment, ListMinor, Tokens) WHERE Payment IN ('paid', 'partly_refunded');
