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
INSERT INTO "entries" VALUES(8,1,'earned','ana','sales','commission','2026-01','2026-01','expense','USD',-300000,'9b9a93a0e5c090473744c87a38c7f7bff5e07018a08d5d14bc26083ece8d5e13','7cfdca00edac4c4f4a0e45772a717475223fd9d93a47366348e4435a6f4d8d58');
INSERT INTO "entries" VALUES(9,1,'earned','ana','sales','commission','2026-01','2026-01','held','USD',300000,'7cfdca00edac4c4f4a0e45772a717475223fd9d93a47366348e4435a6f4d8d58','8f58c8c407b0ba8060dc2a7081b2b7f4215703e4bc2474ddf1dae1ab8051bd64');
INSERT INTO "entries" VALUES(10,1,'released','ana','sales','commission','2026-01','2026-01','held','USD',-300000,'8f58c8c407b0ba8060dc2a7081b2b7f4215703e4bc2474ddf1dae1ab8051bd64','922769451536361e56f43b24d4196060072241a7ea47eff1db932c2c7c1bcd77');
INSERT INTO "entries" VALUES(11,1,'released','ana','sales','commission','2026-01','2026-01','payable','USD',300000,'922769451536361e56f43b24d4196060072241a7ea47eff1db932c2c7c1bcd77','c0fbced62673dc211c57d9de6fee0b7aca174aac4fabf980e0b678aac34a5075');
INSERT INTO "entries" VALUES(15,2,'payment','ana','sales','','2026-01','2026-01','payable','USD',-300000,'c48626062eab189358430fb049a8335970692d8e5c3ac4e0aa91bfd9f70c47ba','c5e0bb50cd401b7cf8908eff19fd24466c5d3eb967c69f5479aecebf63882a17');
INSERT INTO "entries" VALUES(16,2,'payment','ana','sales','','2026-01','2026-01','paid','USD',300000,'c5e0bb50cd401b7cf8908eff19fd24466c5d3eb967c69f5479aecebf63882a17','e62cee25290e2b3174cd637d7b29dc205e24ba25fdfcaf8cf45512a190fd8b27');
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
INSERT INTO "events" VALUES(4,'d2030786252c','calculated','d2030786252cfd5f69ed22516c827876cf7bf99b816536d81248cda1f1a3e13d',0,'','','ann','2026-04-01T09:30:00.000000+00:00','038d842944538c07152ed75d82e13b9a65073d855907f3516689b65722fc0081','f1ff7dbfc6e7235cdb95e4d60d9e467239d7993664b5c6cb50d5c571c2cc5f14');
INSERT INTO "events" VALUES(5,'d2030786252c','submitted','d2030786252cfd5f69ed22516c827876cf7bf99b816536d81248cda1f1a3e13d',0,'','','ann','2026-04-01T09:30:00.000000+00:00','f1ff7dbfc6e7235cdb95e4d60d9e467239d7993664b5c6cb50d5c571c2cc5f14','985e9247e0dfc7c41ee06068b0331fe15e65cc0133bbc03c87921032d699a9c6');
INSERT INTO "events" VALUES(6,'d2030786252c','approved','d2030786252cfd5f69ed22516c827876cf7bf99b816536d81248cda1f1a3e13d',0,'','','bob','2026-04-01T09:30:00.000000+00:00','985e9247e0dfc7c41ee06068b0331fe15e65cc0133bbc03c87921032d699a9c6','4c119d99a8a6e7fbcfd5421a7e71218a67b59648c75f5debd48ff61a63bc3fd3');
INSERT INTO "events" VALUES(12,'d2030786252c','posted','d2030786252cfd5f69ed22516c827876cf7bf99b816536d81248cda1f1a3e13d',1,'','','ann','2026-04-01T09:30:00.000000+00:00','c0fbced62673dc211c57d9de6fee0b7aca174aac4fabf980e0b678aac34a5075','d547548f2ea79be885099aee7afacdd8f2ec10a60193dd95e2debd03d1f7046f');
INSERT INTO "events" VALUES(13,'d2030786252c','finalized','d2030786252cfd5f69ed22516c827876cf7bf99b816536d81248cda1f1a3e13d',0,'','','bob','2026-04-01T09:30:00.000000+00:00','d547548f2ea79be885099aee7afacdd8f2ec10a60193dd95e2debd03d1f7046f','5772c6637b3f8226dbcf230becffb78316f719ed06f57334b4ad6839b326d6be');
INSERT INTO "events" VALUES(17,'d2030786252c','paid','d2030786252cfd5f69ed22516c827876cf7bf99b816536d81248cda1f1a3e13d',2,'eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee','','cat','2026-04-01T09:30:00.000000+00:00','e62cee25290e2b3174cd637d7b29dc205e24ba25fdfcaf8cf45512a190fd8b27','304f7fdb689ad9a47cecc049a276c6cadd0264e4e1daf4457b2539b0a75974f7');
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
	CONSTRAINT postings_range CHECK (first_seq = seq + 1 AND last_seq >= seq), 
	CONSTRAINT postings_seq CHECK (seq > 0), 
	CONSTRAINT postings_hash CHECK (length(hash) = 64 AND length(previous) = 64), 
	UNIQUE (number), 
	UNIQUE (previous)
)
 STRICT

;
INSERT INTO "postings" VALUES(7,1,'post','d2030786252c','monthly','2026-01','2026-01-01','2026-01-31','cf6eee34bf8af483664632976d5b0006bdb020584319b3288106b2bfbb28e907','df61a749ce6d62e07831a97778e769641660abf95bb92b55f2b0dca489e9e7d5','5559b17d85dbabbad94ae8aaa8742625c55e78074ed1d9b04c115c93294865fd','{"USD":300000}',8,11,'ann','2026-04-01T09:30:00.000000+00:00','4c119d99a8a6e7fbcfd5421a7e71218a67b59648c75f5debd48ff61a63bc3fd3','9b9a93a0e5c090473744c87a38c7f7bff5e07018a08d5d14bc26083ece8d5e13');
INSERT INTO "postings" VALUES(14,2,'pay','d2030786252c','monthly','2026-01','2026-01-01','2026-01-31','','','5559b17d85dbabbad94ae8aaa8742625c55e78074ed1d9b04c115c93294865fd','{"USD":300000}',15,16,'cat','2026-04-01T09:30:00.000000+00:00','5772c6637b3f8226dbcf230becffb78316f719ed06f57334b4ad6839b326d6be','c48626062eab189358430fb049a8335970692d8e5c3ac4e0aa91bfd9f70c47ba');
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
	CONSTRAINT register_kind CHECK (kind IN ('adjustment', 'hold', 'dispute')), 
	CONSTRAINT register_named CHECK (id <> '' AND actor <> ''), 
	CONSTRAINT register_seq CHECK (seq > 0), 
	CONSTRAINT register_hash CHECK (length(hash) = 64 AND length(previous) = 64), 
	UNIQUE (previous)
)
 STRICT

;
INSERT INTO "register" VALUES(1,'adjustment','A0001','requested','monthly','ann','sales','{"amount":"5"}','a test','ann','2026-04-01T09:30:00.000000+00:00','0000000000000000000000000000000000000000000000000000000000000000','9d8059540023d1a850b9807d44b6d8dd7169c49742867a11dfa78562d831b202');
INSERT INTO "register" VALUES(2,'adjustment','A0001','approved','monthly','ann','sales','{"amount":"5"}','seen','bob','2026-04-01T09:30:00.000000+00:00','9d8059540023d1a850b9807d44b6d8dd7169c49742867a11dfa78562d831b202','951ba0841cf1e24832870d3042093c917803ed476c9fbf6b4d74cef111891795');
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
INSERT INTO "runs" VALUES(3,'d2030786252c','d2030786252cfd5f69ed22516c827876cf7bf99b816536d81248cda1f1a3e13d','monthly','2026-01','2026-01-01','2026-01-31','0.1.0','{"sales":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}','bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb','cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc','5abb965226dfca107c8da11e974ce650eca6de396b76eff95a885fd927cc4ea2','','34c689edadc65f59dab055b70ddedb97a60a4325264a9e6381a7b13e3d56ae9f','fd7b71736cd60a7ca747eebd58521977166d32cf144fa3d6c259df8d703ec30f','50e71ad2268141384d952fa387a34ed7c7ac7af10d31a2a091fe1ba8b76dc257','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd','5559b17d85dbabbad94ae8aaa8742625c55e78074ed1d9b04c115c93294865fd','{"USD":300000}','951ba0841cf1e24832870d3042093c917803ed476c9fbf6b4d74cef111891795','038d842944538c07152ed75d82e13b9a65073d855907f3516689b65722fc0081');
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
CREATE TRIGGER register_in_order BEFORE INSERT ON register BEGIN SELECT RAISE(ABORT, 'not in this state') WHERE NOT CASE NEW.kind WHEN 'adjustment' THEN CASE NEW.state WHEN 'requested' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'approved' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('requested'), false) WHEN 'refused' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('requested'), false) WHEN 'withdrawn' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('requested'), false) ELSE false END WHEN 'hold' THEN CASE NEW.state WHEN 'placed' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'released' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('placed'), false) ELSE false END WHEN 'dispute' THEN CASE NEW.state WHEN 'opened' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'reviewed' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened'), false) WHEN 'accepted' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened', 'reviewed'), false) WHEN 'refused' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened', 'reviewed'), false) WHEN 'withdrawn' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened', 'reviewed'), false) ELSE false END ELSE false END; END;
CREATE TRIGGER register_persons BEFORE INSERT ON register BEGIN SELECT RAISE(ABORT, 'another person must decide this') WHERE NEW.state IN ('approved', 'refused', 'accepted') AND lower(trim((SELECT actor FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq LIMIT 1))) = lower(trim(NEW.actor)); END;
COMMIT;
PRAGMA application_id = 1668246896;
