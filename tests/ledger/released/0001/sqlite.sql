BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE entries (
	seq INTEGER NOT NULL, 
	posting INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	payee TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	component TEXT NOT NULL, 
	for_period TEXT NOT NULL, 
	in_period TEXT NOT NULL, 
	account TEXT NOT NULL, 
	currency TEXT NOT NULL, 
	amount INTEGER NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	CONSTRAINT entries_amount CHECK (amount <> 0), 
	CONSTRAINT entries_bound CHECK (amount BETWEEN -10000000000000000 AND 10000000000000000), 
	CONSTRAINT entries_named CHECK (payee <> '' AND plan <> '' AND currency <> ''), 
	CONSTRAINT entries_seq CHECK (seq > 0), 
	CONSTRAINT entries_hash CHECK (length(hash) = 64 AND length(previous) = 64), 
	FOREIGN KEY(posting) REFERENCES postings (number), 
	UNIQUE (previous)
)
 STRICT

;
INSERT INTO "entries" VALUES(8,1,'earned','ana','sales','commission','2026-01','2026-01','expense','USD',-300000,'c7eff950cdf9c488ae20170a7427ef03d3efc0eb8525fd9bd85289375dd09e03','5a0c05f2c6d19c2f372ec2e8f6502783708d35a686cc17076d5cfe43077f8aca');
INSERT INTO "entries" VALUES(9,1,'earned','ana','sales','commission','2026-01','2026-01','held','USD',300000,'5a0c05f2c6d19c2f372ec2e8f6502783708d35a686cc17076d5cfe43077f8aca','b899184e40aa9a899f0fd83764dad69f8454a482dea58ab5163ffa1e148fb677');
INSERT INTO "entries" VALUES(10,1,'released','ana','sales','commission','2026-01','2026-01','held','USD',-300000,'b899184e40aa9a899f0fd83764dad69f8454a482dea58ab5163ffa1e148fb677','60ce3170e14d3e4f8c72afcb6f7c7640e01e6b356e6b89950b9a671e9a27e17d');
INSERT INTO "entries" VALUES(11,1,'released','ana','sales','commission','2026-01','2026-01','payable','USD',300000,'60ce3170e14d3e4f8c72afcb6f7c7640e01e6b356e6b89950b9a671e9a27e17d','e998e354ea99e305cbe8ca521888d3000427d6841b1eaeacbd2adfd320cbba3b');
INSERT INTO "entries" VALUES(15,2,'payment','ana','sales','','2026-01','2026-01','payable','USD',-300000,'000f15d88e1f03c2dc27b9d8f869c87d867fb443507ba9392a4a9aeac646bf0b','92975be32669a8392db13ed46a40b34473ab043b6bb56ae1e1c8c96c384626c3');
INSERT INTO "entries" VALUES(16,2,'payment','ana','sales','','2026-01','2026-01','paid','USD',300000,'92975be32669a8392db13ed46a40b34473ab043b6bb56ae1e1c8c96c384626c3','77fcca27979d31bc0589cb269da8abe1768fece91d6ace2b782bf73832b017ec');
CREATE TABLE events (
	seq INTEGER NOT NULL, 
	run TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	content TEXT NOT NULL, 
	posting INTEGER NOT NULL, 
	document TEXT NOT NULL, 
	note TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	time TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	CONSTRAINT events_kind CHECK (kind IN ('calculated', 'submitted', 'approved', 'rejected', 'posted', 'finalized', 'paid')), 
	CONSTRAINT events_posting CHECK ((posting > 0) = (kind IN ('posted', 'paid'))), 
	CONSTRAINT events_actor CHECK (actor <> ''), 
	CONSTRAINT events_seq CHECK (seq > 0), 
	CONSTRAINT events_hash CHECK (length(hash) = 64 AND length(previous) = 64), 
	UNIQUE (previous)
)
 STRICT

;
INSERT INTO "events" VALUES(4,'c909f22f6108','calculated','c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9',0,'','','ann','2026-04-01T09:30:00.000000+00:00','05b6575b8ad5ed673b989b0ded5a05e1e12d513c2b8adb020f2083832b0ff416','e16aaf664501184c99f1f95ddae8ac8e190bce467c306cfa19a93d06e3e63e86');
INSERT INTO "events" VALUES(5,'c909f22f6108','submitted','c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9',0,'','','ann','2026-04-01T09:30:00.000000+00:00','e16aaf664501184c99f1f95ddae8ac8e190bce467c306cfa19a93d06e3e63e86','e8288ae61bc579fb153b15ae7e2eb1b5cf7de0917a2f0badbc74f5ace47112ab');
INSERT INTO "events" VALUES(6,'c909f22f6108','approved','c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9',0,'','','bob','2026-04-01T09:30:00.000000+00:00','e8288ae61bc579fb153b15ae7e2eb1b5cf7de0917a2f0badbc74f5ace47112ab','47f95783e232d32112308bd3ec6474596cbb0ae0c26bfd98ef7fe612a7c1e167');
INSERT INTO "events" VALUES(12,'c909f22f6108','posted','c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9',1,'','','ann','2026-04-01T09:30:00.000000+00:00','e998e354ea99e305cbe8ca521888d3000427d6841b1eaeacbd2adfd320cbba3b','397e8f36409854d0b01b3b79a9508cf93e97ee50afbb9f0c1c6772df797e6e72');
INSERT INTO "events" VALUES(13,'c909f22f6108','finalized','c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9',0,'','','bob','2026-04-01T09:30:00.000000+00:00','397e8f36409854d0b01b3b79a9508cf93e97ee50afbb9f0c1c6772df797e6e72','7fc605709d26551001410cdb0eae1668568b7e7c22257fefea7a001f983ec43d');
INSERT INTO "events" VALUES(17,'c909f22f6108','paid','c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9',2,'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','','cat','2026-04-01T09:30:00.000000+00:00','77fcca27979d31bc0589cb269da8abe1768fece91d6ace2b782bf73832b017ec','ada7314f7501e4680e56cd81e35cb7688cebb55b221d00fe2b963a04e9a6672b');
CREATE TABLE postings (
	seq INTEGER NOT NULL, 
	number INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	run TEXT NOT NULL, 
	calendar TEXT NOT NULL, 
	in_period TEXT NOT NULL, 
	period_start TEXT NOT NULL, 
	period_end TEXT NOT NULL, 
	rows TEXT NOT NULL, 
	rows_root TEXT NOT NULL, 
	secret TEXT NOT NULL, 
	entitlement TEXT NOT NULL, 
	totals TEXT NOT NULL, 
	first_seq INTEGER NOT NULL, 
	last_seq INTEGER NOT NULL, 
	actor TEXT NOT NULL, 
	time TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	CONSTRAINT postings_once UNIQUE (run, kind), 
	CONSTRAINT postings_period UNIQUE (calendar, in_period, kind), 
	CONSTRAINT postings_kind CHECK (kind IN ('post', 'pay')), 
	CONSTRAINT postings_number CHECK (number > 0), 
	CONSTRAINT postings_secret CHECK (length(secret) = CASE kind WHEN 'post' THEN 64 ELSE 0 END), 
	CONSTRAINT postings_range CHECK (first_seq = seq + 1 AND last_seq >= seq), 
	CONSTRAINT postings_seq CHECK (seq > 0), 
	CONSTRAINT postings_hash CHECK (length(hash) = 64 AND length(previous) = 64), 
	UNIQUE (number), 
	UNIQUE (previous)
)
 STRICT

;
INSERT INTO "postings" VALUES(7,1,'post','c909f22f6108','monthly','2026-01','2026-01-01','2026-01-31','cf6eee34bf8af483664632976d5b0006bdb020584319b3288106b2bfbb28e907','9624b9fd12011da4e6ae602fb089bbe397b341d62dd06d132737699758ff557f','000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f','5559b17d85dbabbad94ae8aaa8742625c55e78074ed1d9b04c115c93294865fd','{"USD":300000}',8,11,'ann','2026-04-01T09:30:00.000000+00:00','47f95783e232d32112308bd3ec6474596cbb0ae0c26bfd98ef7fe612a7c1e167','c7eff950cdf9c488ae20170a7427ef03d3efc0eb8525fd9bd85289375dd09e03');
INSERT INTO "postings" VALUES(14,2,'pay','c909f22f6108','monthly','2026-01','2026-01-01','2026-01-31','','','','5559b17d85dbabbad94ae8aaa8742625c55e78074ed1d9b04c115c93294865fd','{"USD":300000}',15,16,'cat','2026-04-01T09:30:00.000000+00:00','7fc605709d26551001410cdb0eae1668568b7e7c22257fefea7a001f983ec43d','000f15d88e1f03c2dc27b9d8f869c87d867fb443507ba9392a4a9aeac646bf0b');
CREATE TABLE register (
	seq INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	id TEXT NOT NULL, 
	state TEXT NOT NULL, 
	calendar TEXT NOT NULL, 
	payee TEXT NOT NULL, 
	"plan" TEXT NOT NULL, 
	body TEXT NOT NULL, 
	note TEXT NOT NULL, 
	actor TEXT NOT NULL, 
	time TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	CONSTRAINT register_kind CHECK (kind IN ('adjustment', 'hold', 'dispute', 'statements', 'load', 'key')), 
	CONSTRAINT register_named CHECK (id <> '' AND actor <> ''), 
	CONSTRAINT register_seq CHECK (seq > 0), 
	CONSTRAINT register_hash CHECK (length(hash) = 64 AND length(previous) = 64), 
	UNIQUE (previous)
)
 STRICT

;
INSERT INTO "register" VALUES(1,'adjustment','A0001','requested','monthly','ann','sales','{"amount":"5","code":"TEST","currency":"USD","for_period":"2026-01"}','a test','ann','2026-04-01T09:30:00.000000+00:00','0000000000000000000000000000000000000000000000000000000000000000','31fb0c2524bd986ee2ec0c63a3b887e945cfee514c68425c15524cb44380a35b');
INSERT INTO "register" VALUES(2,'adjustment','A0001','approved','monthly','ann','sales','{"amount":"5","code":"TEST","currency":"USD","for_period":"2026-01"}','seen','bob','2026-04-01T09:30:00.000000+00:00','31fb0c2524bd986ee2ec0c63a3b887e945cfee514c68425c15524cb44380a35b','991ea1a9964a3df64dd26609c653ded187f4ea37d0c4d25f8cca57c7029e143c');
CREATE TABLE runs (
	seq INTEGER NOT NULL, 
	id TEXT NOT NULL, 
	content TEXT NOT NULL, 
	calendar TEXT NOT NULL, 
	period TEXT NOT NULL, 
	period_start TEXT NOT NULL, 
	period_end TEXT NOT NULL, 
	engine TEXT NOT NULL, 
	plans TEXT NOT NULL, 
	workspace TEXT NOT NULL, 
	snapshot TEXT NOT NULL, 
	opening TEXT NOT NULL, 
	posted TEXT NOT NULL, 
	earnings TEXT NOT NULL, 
	payables TEXT NOT NULL, 
	settlements TEXT NOT NULL, 
	credits TEXT NOT NULL, 
	measures TEXT NOT NULL, 
	exclusions TEXT NOT NULL, 
	entitlement TEXT NOT NULL, 
	totals TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq), 
	CONSTRAINT runs_seq CHECK (seq > 0), 
	CONSTRAINT runs_hash CHECK (length(hash) = 64 AND length(previous) = 64), 
	UNIQUE (id), 
	UNIQUE (previous)
)
 STRICT

;
INSERT INTO "runs" VALUES(3,'c909f22f6108','c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9','monthly','2026-01','2026-01-01','2026-01-31','0.1.0','{"sales":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','5b84f6c34f7a7601afd401869835db027a7788756d3943771cfa6e3e3be18b82','','34c689edadc65f59dab055b70ddedb97a60a4325264a9e6381a7b13e3d56ae9f','fd7b71736cd60a7ca747eebd58521977166d32cf144fa3d6c259df8d703ec30f','50e71ad2268141384d952fa387a34ed7c7ac7af10d31a2a091fe1ba8b76dc257','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','5559b17d85dbabbad94ae8aaa8742625c55e78074ed1d9b04c115c93294865fd','{"USD":300000}','991ea1a9964a3df64dd26609c653ded187f4ea37d0c4d25f8cca57c7029e143c','05b6575b8ad5ed673b989b0ded5a05e1e12d513c2b8adb020f2083832b0ff416');
CREATE INDEX entries_payee ON entries (payee, "plan");
CREATE INDEX register_id ON register (id);
CREATE TRIGGER runs_no_update BEFORE UPDATE ON runs BEGIN SELECT RAISE(ABORT, 'runs is append-only') WHERE 1; END;
CREATE TRIGGER runs_no_delete BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'runs is append-only') WHERE 1; END;
CREATE TRIGGER events_no_update BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only') WHERE 1; END;
CREATE TRIGGER events_no_delete BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events is append-only') WHERE 1; END;
CREATE TRIGGER postings_no_update BEFORE UPDATE ON postings BEGIN SELECT RAISE(ABORT, 'postings is append-only') WHERE 1; END;
CREATE TRIGGER postings_no_delete BEFORE DELETE ON postings BEGIN SELECT RAISE(ABORT, 'postings is append-only') WHERE 1; END;
CREATE TRIGGER entries_no_update BEFORE UPDATE ON entries BEGIN SELECT RAISE(ABORT, 'entries is append-only') WHERE 1; END;
CREATE TRIGGER entries_no_delete BEFORE DELETE ON entries BEGIN SELECT RAISE(ABORT, 'entries is append-only') WHERE 1; END;
CREATE TRIGGER register_no_update BEFORE UPDATE ON register BEGIN SELECT RAISE(ABORT, 'register is append-only') WHERE 1; END;
CREATE TRIGGER register_no_delete BEFORE DELETE ON register BEGIN SELECT RAISE(ABORT, 'register is append-only') WHERE 1; END;
CREATE TRIGGER runs_new_id BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'id exists') WHERE EXISTS (SELECT 1 FROM runs WHERE id = NEW.id); END;
CREATE TRIGGER runs_new_previous BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'previous exists') WHERE EXISTS (SELECT 1 FROM runs WHERE previous = NEW.previous); END;
CREATE TRIGGER events_new_previous BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'previous exists') WHERE EXISTS (SELECT 1 FROM events WHERE previous = NEW.previous); END;
CREATE TRIGGER postings_new_calendar_in_period_kind BEFORE INSERT ON postings BEGIN SELECT RAISE(ABORT, 'calendar, in_period, kind exists') WHERE EXISTS (SELECT 1 FROM postings WHERE calendar = NEW.calendar AND in_period = NEW.in_period AND kind = NEW.kind); END;
CREATE TRIGGER postings_new_number BEFORE INSERT ON postings BEGIN SELECT RAISE(ABORT, 'number exists') WHERE EXISTS (SELECT 1 FROM postings WHERE number = NEW.number); END;
CREATE TRIGGER postings_new_previous BEFORE INSERT ON postings BEGIN SELECT RAISE(ABORT, 'previous exists') WHERE EXISTS (SELECT 1 FROM postings WHERE previous = NEW.previous); END;
CREATE TRIGGER postings_new_run_kind BEFORE INSERT ON postings BEGIN SELECT RAISE(ABORT, 'run, kind exists') WHERE EXISTS (SELECT 1 FROM postings WHERE run = NEW.run AND kind = NEW.kind); END;
CREATE TRIGGER entries_new_previous BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'previous exists') WHERE EXISTS (SELECT 1 FROM entries WHERE previous = NEW.previous); END;
CREATE TRIGGER register_new_previous BEFORE INSERT ON register BEGIN SELECT RAISE(ABORT, 'previous exists') WHERE EXISTS (SELECT 1 FROM register WHERE previous = NEW.previous); END;
CREATE TRIGGER runs_next BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'not the next number of the chain') WHERE EXISTS (SELECT 1 FROM runs WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM events WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM postings WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM entries WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM register WHERE seq >= NEW.seq); END;
CREATE TRIGGER runs_linked BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'not linked to the chain') WHERE NOT ((NEW.seq = 1 AND NEW.previous = '0000000000000000000000000000000000000000000000000000000000000000') OR EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM postings WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM register WHERE seq = NEW.seq - 1 AND hash = NEW.previous)); END;
CREATE TRIGGER events_next BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'not the next number of the chain') WHERE EXISTS (SELECT 1 FROM runs WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM events WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM postings WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM entries WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM register WHERE seq >= NEW.seq); END;
CREATE TRIGGER events_linked BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'not linked to the chain') WHERE NOT ((NEW.seq = 1 AND NEW.previous = '0000000000000000000000000000000000000000000000000000000000000000') OR EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM postings WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM register WHERE seq = NEW.seq - 1 AND hash = NEW.previous)); END;
CREATE TRIGGER postings_next BEFORE INSERT ON postings BEGIN SELECT RAISE(ABORT, 'not the next number of the chain') WHERE EXISTS (SELECT 1 FROM runs WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM events WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM postings WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM entries WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM register WHERE seq >= NEW.seq); END;
CREATE TRIGGER postings_linked BEFORE INSERT ON postings BEGIN SELECT RAISE(ABORT, 'not linked to the chain') WHERE NOT ((NEW.seq = 1 AND NEW.previous = '0000000000000000000000000000000000000000000000000000000000000000') OR EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM postings WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM register WHERE seq = NEW.seq - 1 AND hash = NEW.previous)); END;
CREATE TRIGGER entries_next BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'not the next number of the chain') WHERE EXISTS (SELECT 1 FROM runs WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM events WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM postings WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM entries WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM register WHERE seq >= NEW.seq); END;
CREATE TRIGGER entries_linked BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'not linked to the chain') WHERE NOT ((NEW.seq = 1 AND NEW.previous = '0000000000000000000000000000000000000000000000000000000000000000') OR EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM postings WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM register WHERE seq = NEW.seq - 1 AND hash = NEW.previous)); END;
CREATE TRIGGER register_next BEFORE INSERT ON register BEGIN SELECT RAISE(ABORT, 'not the next number of the chain') WHERE EXISTS (SELECT 1 FROM runs WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM events WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM postings WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM entries WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM register WHERE seq >= NEW.seq); END;
CREATE TRIGGER register_linked BEFORE INSERT ON register BEGIN SELECT RAISE(ABORT, 'not linked to the chain') WHERE NOT ((NEW.seq = 1 AND NEW.previous = '0000000000000000000000000000000000000000000000000000000000000000') OR EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM postings WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM register WHERE seq = NEW.seq - 1 AND hash = NEW.previous)); END;
CREATE TRIGGER runs_in_turn BEFORE INSERT ON runs BEGIN SELECT RAISE(ABORT, 'a posting is not complete') WHERE EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq - 1); END;
CREATE TRIGGER events_in_turn BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'a posting is not complete') WHERE EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq OR (last_seq = NEW.seq - 1 AND number <> NEW.posting)); END;
CREATE TRIGGER postings_in_turn BEFORE INSERT ON postings BEGIN SELECT RAISE(ABORT, 'a posting is not complete') WHERE EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq - 1); END;
CREATE TRIGGER entries_in_turn BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'a posting is not complete') WHERE NOT EXISTS (SELECT 1 FROM postings WHERE number = NEW.posting AND NEW.seq BETWEEN first_seq AND last_seq AND in_period = NEW.in_period); END;
CREATE TRIGGER register_in_turn BEFORE INSERT ON register BEGIN SELECT RAISE(ABORT, 'a posting is not complete') WHERE EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq - 1); END;
CREATE TRIGGER events_closing BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'the event closes no posting') WHERE NEW.posting > 0 AND NOT EXISTS (SELECT 1 FROM postings WHERE number = NEW.posting AND last_seq = NEW.seq - 1 AND run = NEW.run); END;
CREATE TRIGGER events_balanced BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'the posting does not sum to zero') WHERE EXISTS (SELECT 1 FROM postings p JOIN entries e ON e.seq BETWEEN p.first_seq AND p.last_seq WHERE p.number = NEW.posting GROUP BY e.currency HAVING sum(e.amount) <> 0); END;
CREATE TRIGGER events_in_order BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'the run is not in a state for this') WHERE NOT CASE NEW.kind WHEN 'calculated' THEN (SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'submitted' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('calculated', 'rejected'), false) WHEN 'approved' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('submitted', 'approved'), false) WHEN 'rejected' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('submitted', 'approved'), false) WHEN 'posted' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('approved'), false) WHEN 'finalized' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('posted'), false) WHEN 'paid' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('finalized'), false) ELSE false END; END;
CREATE TRIGGER events_persons BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'another person must do this') WHERE (NEW.kind IN ('approved', 'rejected') AND EXISTS (SELECT 1 FROM events WHERE run = NEW.run AND lower(trim(actor)) = lower(trim(NEW.actor)) AND  kind IN ('calculated', 'submitted'))) OR (NEW.kind = 'approved' AND EXISTS (SELECT 1 FROM events WHERE run = NEW.run AND lower(trim(actor)) = lower(trim(NEW.actor)) AND  kind = 'approved' AND seq > (SELECT max(seq) FROM events WHERE run = NEW.run AND kind = 'submitted'))) OR (NEW.kind = 'paid' AND EXISTS (SELECT 1 FROM events WHERE run = NEW.run AND lower(trim(actor)) = lower(trim(NEW.actor)) AND  kind = 'approved' AND seq > (SELECT max(seq) FROM events WHERE run = NEW.run AND kind = 'submitted'))); END;
CREATE TRIGGER register_in_order BEFORE INSERT ON register BEGIN SELECT RAISE(ABORT, 'not in this state') WHERE NOT CASE NEW.kind WHEN 'adjustment' THEN CASE NEW.state WHEN 'requested' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'approved' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('requested'), false) WHEN 'refused' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('requested'), false) WHEN 'withdrawn' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('requested'), false) ELSE false END WHEN 'hold' THEN CASE NEW.state WHEN 'placed' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'released' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('placed'), false) ELSE false END WHEN 'dispute' THEN CASE NEW.state WHEN 'opened' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'reviewed' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened'), false) WHEN 'accepted' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened', 'reviewed'), false) WHEN 'refused' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened', 'reviewed'), false) WHEN 'withdrawn' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened', 'reviewed'), false) ELSE false END WHEN 'statements' THEN CASE NEW.state WHEN 'issued' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL ELSE false END WHEN 'load' THEN CASE NEW.state WHEN 'loaded' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL ELSE false END WHEN 'key' THEN CASE NEW.state WHEN 'made' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL ELSE false END ELSE false END; END;
CREATE TRIGGER register_persons BEFORE INSERT ON register BEGIN SELECT RAISE(ABORT, 'another person must do this') WHERE (NEW.state IN ('approved', 'reviewed', 'refused', 'accepted') AND lower(trim((SELECT actor FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq LIMIT 1))) = lower(trim(NEW.actor))) OR (NEW.state = 'withdrawn' AND NOT lower(trim((SELECT actor FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq LIMIT 1))) = lower(trim(NEW.actor))); END;
COMMIT;
PRAGMA application_id = 1668246896;
