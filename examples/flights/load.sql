-- Fills a stream from a CSV file. Run in this folder, with the extension loaded.
.import --csv flights.csv flights
CREATE VIRTUAL TABLE departures USING topk_stream(retain='365 days');
INSERT INTO departures(item, ts) SELECT origin, date FROM flights;
