--
-- PostgreSQL database dump
--

\restrict 0BEGXOiXdIkX2gehHBcJc67L98Sps6FhAUIuJeKb0LR0ZNvhIq8Bqlan6dGhkqs

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: compengine; Type: SCHEMA; Schema: -; Owner: owner
--

CREATE SCHEMA compengine;


ALTER SCHEMA compengine OWNER TO owner;

--
-- Name: entries_admit(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.entries_admit() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN
IF (EXISTS (SELECT 1 FROM runs WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM events WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM postings WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM entries WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM register WHERE seq >= NEW.seq)) THEN RAISE EXCEPTION 'not the next number of the chain' USING ERRCODE = 'check_violation'; END IF;
IF (NOT ((NEW.seq = 1 AND NEW.previous = '0000000000000000000000000000000000000000000000000000000000000000') OR EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM postings WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM register WHERE seq = NEW.seq - 1 AND hash = NEW.previous))) THEN RAISE EXCEPTION 'not linked to the chain' USING ERRCODE = 'check_violation'; END IF;
IF (NOT EXISTS (SELECT 1 FROM postings WHERE number = NEW.posting AND NEW.seq BETWEEN first_seq AND last_seq AND in_period = NEW.in_period)) THEN RAISE EXCEPTION 'a posting is not complete' USING ERRCODE = 'check_violation'; END IF;
RETURN NEW;
END
$$;


ALTER FUNCTION compengine.entries_admit() OWNER TO owner;

--
-- Name: entries_keep(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.entries_keep() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN RAISE EXCEPTION 'entries is append-only' USING ERRCODE = 'check_violation'; END
$$;


ALTER FUNCTION compengine.entries_keep() OWNER TO owner;

--
-- Name: events_admit(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.events_admit() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN
IF (EXISTS (SELECT 1 FROM runs WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM events WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM postings WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM entries WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM register WHERE seq >= NEW.seq)) THEN RAISE EXCEPTION 'not the next number of the chain' USING ERRCODE = 'check_violation'; END IF;
IF (NOT ((NEW.seq = 1 AND NEW.previous = '0000000000000000000000000000000000000000000000000000000000000000') OR EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM postings WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM register WHERE seq = NEW.seq - 1 AND hash = NEW.previous))) THEN RAISE EXCEPTION 'not linked to the chain' USING ERRCODE = 'check_violation'; END IF;
IF (EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq OR (last_seq = NEW.seq - 1 AND number <> NEW.posting))) THEN RAISE EXCEPTION 'a posting is not complete' USING ERRCODE = 'check_violation'; END IF;
IF (NEW.posting > 0 AND NOT EXISTS (SELECT 1 FROM postings WHERE number = NEW.posting AND last_seq = NEW.seq - 1 AND run = NEW.run)) THEN RAISE EXCEPTION 'the event closes no posting' USING ERRCODE = 'check_violation'; END IF;
IF (EXISTS (SELECT 1 FROM postings p JOIN entries e ON e.seq BETWEEN p.first_seq AND p.last_seq WHERE p.number = NEW.posting GROUP BY e.currency HAVING sum(e.amount) <> 0)) THEN RAISE EXCEPTION 'the posting does not sum to zero' USING ERRCODE = 'check_violation'; END IF;
IF (NOT CASE NEW.kind WHEN 'calculated' THEN (SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'submitted' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('calculated', 'rejected'), false) WHEN 'approved' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('submitted', 'approved'), false) WHEN 'rejected' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('submitted', 'approved'), false) WHEN 'posted' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('approved'), false) WHEN 'finalized' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('posted'), false) WHEN 'paid' THEN coalesce((SELECT kind FROM events WHERE run = NEW.run ORDER BY seq DESC LIMIT 1) IN ('finalized'), false) ELSE false END) THEN RAISE EXCEPTION 'the run is not in a state for this' USING ERRCODE = 'check_violation'; END IF;
IF ((NEW.kind IN ('approved', 'rejected') AND EXISTS (SELECT 1 FROM events WHERE run = NEW.run AND lower(trim(actor)) = lower(trim(NEW.actor)) AND  kind IN ('calculated', 'submitted'))) OR (NEW.kind = 'approved' AND EXISTS (SELECT 1 FROM events WHERE run = NEW.run AND lower(trim(actor)) = lower(trim(NEW.actor)) AND  kind = 'approved' AND seq > (SELECT max(seq) FROM events WHERE run = NEW.run AND kind = 'submitted'))) OR (NEW.kind = 'paid' AND EXISTS (SELECT 1 FROM events WHERE run = NEW.run AND lower(trim(actor)) = lower(trim(NEW.actor)) AND  kind = 'approved' AND seq > (SELECT max(seq) FROM events WHERE run = NEW.run AND kind = 'submitted')))) THEN RAISE EXCEPTION 'another person must do this' USING ERRCODE = 'check_violation'; END IF;
RETURN NEW;
END
$$;


ALTER FUNCTION compengine.events_admit() OWNER TO owner;

--
-- Name: events_keep(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.events_keep() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN RAISE EXCEPTION 'events is append-only' USING ERRCODE = 'check_violation'; END
$$;


ALTER FUNCTION compengine.events_keep() OWNER TO owner;

--
-- Name: links_add(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.links_add() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN INSERT INTO compengine.links VALUES (NEW.seq, NEW.previous); RETURN NEW; END
$$;


ALTER FUNCTION compengine.links_add() OWNER TO owner;

--
-- Name: links_keep(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.links_keep() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN RAISE EXCEPTION 'links is append-only' USING ERRCODE = 'check_violation'; END
$$;


ALTER FUNCTION compengine.links_keep() OWNER TO owner;

--
-- Name: postings_admit(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.postings_admit() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN
IF (EXISTS (SELECT 1 FROM runs WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM events WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM postings WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM entries WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM register WHERE seq >= NEW.seq)) THEN RAISE EXCEPTION 'not the next number of the chain' USING ERRCODE = 'check_violation'; END IF;
IF (NOT ((NEW.seq = 1 AND NEW.previous = '0000000000000000000000000000000000000000000000000000000000000000') OR EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM postings WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM register WHERE seq = NEW.seq - 1 AND hash = NEW.previous))) THEN RAISE EXCEPTION 'not linked to the chain' USING ERRCODE = 'check_violation'; END IF;
IF (EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq - 1)) THEN RAISE EXCEPTION 'a posting is not complete' USING ERRCODE = 'check_violation'; END IF;
RETURN NEW;
END
$$;


ALTER FUNCTION compengine.postings_admit() OWNER TO owner;

--
-- Name: postings_keep(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.postings_keep() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN RAISE EXCEPTION 'postings is append-only' USING ERRCODE = 'check_violation'; END
$$;


ALTER FUNCTION compengine.postings_keep() OWNER TO owner;

--
-- Name: register_admit(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.register_admit() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN
IF (EXISTS (SELECT 1 FROM runs WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM events WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM postings WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM entries WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM register WHERE seq >= NEW.seq)) THEN RAISE EXCEPTION 'not the next number of the chain' USING ERRCODE = 'check_violation'; END IF;
IF (NOT ((NEW.seq = 1 AND NEW.previous = '0000000000000000000000000000000000000000000000000000000000000000') OR EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM postings WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM register WHERE seq = NEW.seq - 1 AND hash = NEW.previous))) THEN RAISE EXCEPTION 'not linked to the chain' USING ERRCODE = 'check_violation'; END IF;
IF (EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq - 1)) THEN RAISE EXCEPTION 'a posting is not complete' USING ERRCODE = 'check_violation'; END IF;
IF (NOT CASE NEW.kind WHEN 'adjustment' THEN CASE NEW.state WHEN 'requested' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'approved' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('requested'), false) WHEN 'refused' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('requested'), false) WHEN 'withdrawn' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('requested'), false) ELSE false END WHEN 'hold' THEN CASE NEW.state WHEN 'placed' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'released' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('placed'), false) ELSE false END WHEN 'dispute' THEN CASE NEW.state WHEN 'opened' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL WHEN 'reviewed' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened'), false) WHEN 'accepted' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened', 'reviewed'), false) WHEN 'refused' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened', 'reviewed'), false) WHEN 'withdrawn' THEN coalesce((SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IN ('opened', 'reviewed'), false) ELSE false END WHEN 'statements' THEN CASE NEW.state WHEN 'issued' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL ELSE false END WHEN 'load' THEN CASE NEW.state WHEN 'loaded' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL ELSE false END WHEN 'key' THEN CASE NEW.state WHEN 'made' THEN (SELECT state FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq DESC LIMIT 1) IS NULL ELSE false END ELSE false END) THEN RAISE EXCEPTION 'not in this state' USING ERRCODE = 'check_violation'; END IF;
IF ((NEW.state IN ('approved', 'reviewed', 'refused', 'accepted') AND lower(trim((SELECT actor FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq LIMIT 1))) = lower(trim(NEW.actor))) OR (NEW.state = 'withdrawn' AND NOT lower(trim((SELECT actor FROM register WHERE kind = NEW.kind AND id = NEW.id ORDER BY seq LIMIT 1))) = lower(trim(NEW.actor)))) THEN RAISE EXCEPTION 'another person must do this' USING ERRCODE = 'check_violation'; END IF;
RETURN NEW;
END
$$;


ALTER FUNCTION compengine.register_admit() OWNER TO owner;

--
-- Name: register_keep(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.register_keep() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN RAISE EXCEPTION 'register is append-only' USING ERRCODE = 'check_violation'; END
$$;


ALTER FUNCTION compengine.register_keep() OWNER TO owner;

--
-- Name: runs_admit(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.runs_admit() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN
IF (EXISTS (SELECT 1 FROM runs WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM events WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM postings WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM entries WHERE seq >= NEW.seq) OR EXISTS (SELECT 1 FROM register WHERE seq >= NEW.seq)) THEN RAISE EXCEPTION 'not the next number of the chain' USING ERRCODE = 'check_violation'; END IF;
IF (NOT ((NEW.seq = 1 AND NEW.previous = '0000000000000000000000000000000000000000000000000000000000000000') OR EXISTS (SELECT 1 FROM runs WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM postings WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM entries WHERE seq = NEW.seq - 1 AND hash = NEW.previous) OR EXISTS (SELECT 1 FROM register WHERE seq = NEW.seq - 1 AND hash = NEW.previous))) THEN RAISE EXCEPTION 'not linked to the chain' USING ERRCODE = 'check_violation'; END IF;
IF (EXISTS (SELECT 1 FROM postings WHERE last_seq >= NEW.seq - 1)) THEN RAISE EXCEPTION 'a posting is not complete' USING ERRCODE = 'check_violation'; END IF;
RETURN NEW;
END
$$;


ALTER FUNCTION compengine.runs_admit() OWNER TO owner;

--
-- Name: runs_keep(); Type: FUNCTION; Schema: compengine; Owner: owner
--

CREATE FUNCTION compengine.runs_keep() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'compengine', 'pg_temp'
    AS $$
BEGIN RAISE EXCEPTION 'runs is append-only' USING ERRCODE = 'check_violation'; END
$$;


ALTER FUNCTION compengine.runs_keep() OWNER TO owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: alembic_version; Type: TABLE; Schema: compengine; Owner: owner
--

CREATE TABLE compengine.alembic_version (
    version_num character varying(32) NOT NULL
);


ALTER TABLE compengine.alembic_version OWNER TO owner;

--
-- Name: entries; Type: TABLE; Schema: compengine; Owner: owner
--

CREATE TABLE compengine.entries (
    seq bigint NOT NULL,
    posting bigint NOT NULL,
    reason text NOT NULL COLLATE pg_catalog."C",
    payee text NOT NULL COLLATE pg_catalog."C",
    plan text NOT NULL COLLATE pg_catalog."C",
    component text NOT NULL COLLATE pg_catalog."C",
    for_period text NOT NULL COLLATE pg_catalog."C",
    in_period text NOT NULL COLLATE pg_catalog."C",
    account text NOT NULL COLLATE pg_catalog."C",
    currency text NOT NULL COLLATE pg_catalog."C",
    amount bigint NOT NULL,
    previous text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT entries_amount CHECK ((amount <> 0)),
    CONSTRAINT entries_bound CHECK (((amount >= '-10000000000000000'::bigint) AND (amount <= '10000000000000000'::bigint))),
    CONSTRAINT entries_hash CHECK (((length(hash) = 64) AND (length(previous) = 64))),
    CONSTRAINT entries_named CHECK (((payee <> ''::text) AND (plan <> ''::text) AND (currency <> ''::text))),
    CONSTRAINT entries_seq CHECK ((seq > 0))
);

ALTER TABLE ONLY compengine.entries FORCE ROW LEVEL SECURITY;


ALTER TABLE compengine.entries OWNER TO owner;

--
-- Name: events; Type: TABLE; Schema: compengine; Owner: owner
--

CREATE TABLE compengine.events (
    seq bigint NOT NULL,
    run text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL COLLATE pg_catalog."C",
    content text NOT NULL COLLATE pg_catalog."C",
    posting bigint NOT NULL,
    document text NOT NULL COLLATE pg_catalog."C",
    note text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL COLLATE pg_catalog."C",
    "time" text NOT NULL COLLATE pg_catalog."C",
    previous text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT events_actor CHECK ((actor <> ''::text)),
    CONSTRAINT events_hash CHECK (((length(hash) = 64) AND (length(previous) = 64))),
    CONSTRAINT events_kind CHECK ((kind = ANY (ARRAY['calculated'::text, 'submitted'::text, 'approved'::text, 'rejected'::text, 'posted'::text, 'finalized'::text, 'paid'::text]))),
    CONSTRAINT events_posting CHECK (((posting > 0) = (kind = ANY (ARRAY['posted'::text, 'paid'::text])))),
    CONSTRAINT events_seq CHECK ((seq > 0))
);


ALTER TABLE compengine.events OWNER TO owner;

--
-- Name: ledger_lock; Type: TABLE; Schema: compengine; Owner: owner
--

CREATE TABLE compengine.ledger_lock (
    nothing bigint,
    CONSTRAINT lock_empty CHECK (false)
);


ALTER TABLE compengine.ledger_lock OWNER TO owner;

--
-- Name: links; Type: TABLE; Schema: compengine; Owner: owner
--

CREATE TABLE compengine.links (
    seq bigint NOT NULL,
    previous text NOT NULL COLLATE pg_catalog."C"
);


ALTER TABLE compengine.links OWNER TO owner;

--
-- Name: postings; Type: TABLE; Schema: compengine; Owner: owner
--

CREATE TABLE compengine.postings (
    seq bigint NOT NULL,
    number bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    run text NOT NULL COLLATE pg_catalog."C",
    calendar text NOT NULL COLLATE pg_catalog."C",
    in_period text NOT NULL COLLATE pg_catalog."C",
    period_start text NOT NULL COLLATE pg_catalog."C",
    period_end text NOT NULL COLLATE pg_catalog."C",
    rows text NOT NULL COLLATE pg_catalog."C",
    rows_root text NOT NULL COLLATE pg_catalog."C",
    secret text NOT NULL COLLATE pg_catalog."C",
    entitlement text NOT NULL COLLATE pg_catalog."C",
    totals text NOT NULL COLLATE pg_catalog."C",
    first_seq bigint NOT NULL,
    last_seq bigint NOT NULL,
    actor text NOT NULL COLLATE pg_catalog."C",
    "time" text NOT NULL COLLATE pg_catalog."C",
    previous text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT postings_hash CHECK (((length(hash) = 64) AND (length(previous) = 64))),
    CONSTRAINT postings_kind CHECK ((kind = ANY (ARRAY['post'::text, 'pay'::text]))),
    CONSTRAINT postings_number CHECK ((number > 0)),
    CONSTRAINT postings_range CHECK (((first_seq = (seq + 1)) AND (last_seq >= seq))),
    CONSTRAINT postings_secret CHECK ((length(secret) =
CASE kind
    WHEN 'post'::text THEN 64
    ELSE 0
END)),
    CONSTRAINT postings_seq CHECK ((seq > 0))
);


ALTER TABLE compengine.postings OWNER TO owner;

--
-- Name: register; Type: TABLE; Schema: compengine; Owner: owner
--

CREATE TABLE compengine.register (
    seq bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    id text NOT NULL COLLATE pg_catalog."C",
    state text NOT NULL COLLATE pg_catalog."C",
    calendar text NOT NULL COLLATE pg_catalog."C",
    payee text NOT NULL COLLATE pg_catalog."C",
    plan text NOT NULL COLLATE pg_catalog."C",
    body text NOT NULL COLLATE pg_catalog."C",
    note text NOT NULL COLLATE pg_catalog."C",
    actor text NOT NULL COLLATE pg_catalog."C",
    "time" text NOT NULL COLLATE pg_catalog."C",
    previous text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT register_hash CHECK (((length(hash) = 64) AND (length(previous) = 64))),
    CONSTRAINT register_kind CHECK ((kind = ANY (ARRAY['adjustment'::text, 'hold'::text, 'dispute'::text, 'statements'::text, 'load'::text, 'key'::text]))),
    CONSTRAINT register_named CHECK (((id <> ''::text) AND (actor <> ''::text))),
    CONSTRAINT register_seq CHECK ((seq > 0))
);

ALTER TABLE ONLY compengine.register FORCE ROW LEVEL SECURITY;


ALTER TABLE compengine.register OWNER TO owner;

--
-- Name: runs; Type: TABLE; Schema: compengine; Owner: owner
--

CREATE TABLE compengine.runs (
    seq bigint NOT NULL,
    id text NOT NULL COLLATE pg_catalog."C",
    content text NOT NULL COLLATE pg_catalog."C",
    calendar text NOT NULL COLLATE pg_catalog."C",
    period text NOT NULL COLLATE pg_catalog."C",
    period_start text NOT NULL COLLATE pg_catalog."C",
    period_end text NOT NULL COLLATE pg_catalog."C",
    engine text NOT NULL COLLATE pg_catalog."C",
    plans text NOT NULL COLLATE pg_catalog."C",
    workspace text NOT NULL COLLATE pg_catalog."C",
    snapshot text NOT NULL COLLATE pg_catalog."C",
    opening text NOT NULL COLLATE pg_catalog."C",
    posted text NOT NULL COLLATE pg_catalog."C",
    earnings text NOT NULL COLLATE pg_catalog."C",
    payables text NOT NULL COLLATE pg_catalog."C",
    settlements text NOT NULL COLLATE pg_catalog."C",
    credits text NOT NULL COLLATE pg_catalog."C",
    measures text NOT NULL COLLATE pg_catalog."C",
    exclusions text NOT NULL COLLATE pg_catalog."C",
    entitlement text NOT NULL COLLATE pg_catalog."C",
    totals text NOT NULL COLLATE pg_catalog."C",
    previous text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT runs_hash CHECK (((length(hash) = 64) AND (length(previous) = 64))),
    CONSTRAINT runs_seq CHECK ((seq > 0))
);


ALTER TABLE compengine.runs OWNER TO owner;

--
-- Data for Name: alembic_version; Type: TABLE DATA; Schema: compengine; Owner: owner
--

COPY compengine.alembic_version (version_num) FROM stdin;
0001
\.


--
-- Data for Name: entries; Type: TABLE DATA; Schema: compengine; Owner: owner
--

COPY compengine.entries (seq, posting, reason, payee, plan, component, for_period, in_period, account, currency, amount, previous, hash) FROM stdin;
8	1	earned	ana	sales	commission	2026-01	2026-01	expense	USD	-300000	c7eff950cdf9c488ae20170a7427ef03d3efc0eb8525fd9bd85289375dd09e03	5a0c05f2c6d19c2f372ec2e8f6502783708d35a686cc17076d5cfe43077f8aca
9	1	earned	ana	sales	commission	2026-01	2026-01	held	USD	300000	5a0c05f2c6d19c2f372ec2e8f6502783708d35a686cc17076d5cfe43077f8aca	b899184e40aa9a899f0fd83764dad69f8454a482dea58ab5163ffa1e148fb677
10	1	released	ana	sales	commission	2026-01	2026-01	held	USD	-300000	b899184e40aa9a899f0fd83764dad69f8454a482dea58ab5163ffa1e148fb677	60ce3170e14d3e4f8c72afcb6f7c7640e01e6b356e6b89950b9a671e9a27e17d
11	1	released	ana	sales	commission	2026-01	2026-01	payable	USD	300000	60ce3170e14d3e4f8c72afcb6f7c7640e01e6b356e6b89950b9a671e9a27e17d	e998e354ea99e305cbe8ca521888d3000427d6841b1eaeacbd2adfd320cbba3b
15	2	payment	ana	sales		2026-01	2026-01	payable	USD	-300000	000f15d88e1f03c2dc27b9d8f869c87d867fb443507ba9392a4a9aeac646bf0b	92975be32669a8392db13ed46a40b34473ab043b6bb56ae1e1c8c96c384626c3
16	2	payment	ana	sales		2026-01	2026-01	paid	USD	300000	92975be32669a8392db13ed46a40b34473ab043b6bb56ae1e1c8c96c384626c3	77fcca27979d31bc0589cb269da8abe1768fece91d6ace2b782bf73832b017ec
\.


--
-- Data for Name: events; Type: TABLE DATA; Schema: compengine; Owner: owner
--

COPY compengine.events (seq, run, kind, content, posting, document, note, actor, "time", previous, hash) FROM stdin;
4	c909f22f6108	calculated	c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9	0			ann	2026-04-01T09:30:00.000000+00:00	05b6575b8ad5ed673b989b0ded5a05e1e12d513c2b8adb020f2083832b0ff416	e16aaf664501184c99f1f95ddae8ac8e190bce467c306cfa19a93d06e3e63e86
5	c909f22f6108	submitted	c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9	0			ann	2026-04-01T09:30:00.000000+00:00	e16aaf664501184c99f1f95ddae8ac8e190bce467c306cfa19a93d06e3e63e86	e8288ae61bc579fb153b15ae7e2eb1b5cf7de0917a2f0badbc74f5ace47112ab
6	c909f22f6108	approved	c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9	0			bob	2026-04-01T09:30:00.000000+00:00	e8288ae61bc579fb153b15ae7e2eb1b5cf7de0917a2f0badbc74f5ace47112ab	47f95783e232d32112308bd3ec6474596cbb0ae0c26bfd98ef7fe612a7c1e167
12	c909f22f6108	posted	c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9	1			ann	2026-04-01T09:30:00.000000+00:00	e998e354ea99e305cbe8ca521888d3000427d6841b1eaeacbd2adfd320cbba3b	397e8f36409854d0b01b3b79a9508cf93e97ee50afbb9f0c1c6772df797e6e72
13	c909f22f6108	finalized	c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9	0			bob	2026-04-01T09:30:00.000000+00:00	397e8f36409854d0b01b3b79a9508cf93e97ee50afbb9f0c1c6772df797e6e72	7fc605709d26551001410cdb0eae1668568b7e7c22257fefea7a001f983ec43d
17	c909f22f6108	paid	c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9	2	eeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee		cat	2026-04-01T09:30:00.000000+00:00	77fcca27979d31bc0589cb269da8abe1768fece91d6ace2b782bf73832b017ec	ada7314f7501e4680e56cd81e35cb7688cebb55b221d00fe2b963a04e9a6672b
\.


--
-- Data for Name: ledger_lock; Type: TABLE DATA; Schema: compengine; Owner: owner
--

COPY compengine.ledger_lock (nothing) FROM stdin;
\.


--
-- Data for Name: links; Type: TABLE DATA; Schema: compengine; Owner: owner
--

COPY compengine.links (seq, previous) FROM stdin;
1	0000000000000000000000000000000000000000000000000000000000000000
2	31fb0c2524bd986ee2ec0c63a3b887e945cfee514c68425c15524cb44380a35b
3	991ea1a9964a3df64dd26609c653ded187f4ea37d0c4d25f8cca57c7029e143c
4	05b6575b8ad5ed673b989b0ded5a05e1e12d513c2b8adb020f2083832b0ff416
5	e16aaf664501184c99f1f95ddae8ac8e190bce467c306cfa19a93d06e3e63e86
6	e8288ae61bc579fb153b15ae7e2eb1b5cf7de0917a2f0badbc74f5ace47112ab
7	47f95783e232d32112308bd3ec6474596cbb0ae0c26bfd98ef7fe612a7c1e167
8	c7eff950cdf9c488ae20170a7427ef03d3efc0eb8525fd9bd85289375dd09e03
9	5a0c05f2c6d19c2f372ec2e8f6502783708d35a686cc17076d5cfe43077f8aca
10	b899184e40aa9a899f0fd83764dad69f8454a482dea58ab5163ffa1e148fb677
11	60ce3170e14d3e4f8c72afcb6f7c7640e01e6b356e6b89950b9a671e9a27e17d
12	e998e354ea99e305cbe8ca521888d3000427d6841b1eaeacbd2adfd320cbba3b
13	397e8f36409854d0b01b3b79a9508cf93e97ee50afbb9f0c1c6772df797e6e72
14	7fc605709d26551001410cdb0eae1668568b7e7c22257fefea7a001f983ec43d
15	000f15d88e1f03c2dc27b9d8f869c87d867fb443507ba9392a4a9aeac646bf0b
16	92975be32669a8392db13ed46a40b34473ab043b6bb56ae1e1c8c96c384626c3
17	77fcca27979d31bc0589cb269da8abe1768fece91d6ace2b782bf73832b017ec
\.


--
-- Data for Name: postings; Type: TABLE DATA; Schema: compengine; Owner: owner
--

COPY compengine.postings (seq, number, kind, run, calendar, in_period, period_start, period_end, rows, rows_root, secret, entitlement, totals, first_seq, last_seq, actor, "time", previous, hash) FROM stdin;
7	1	post	c909f22f6108	monthly	2026-01	2026-01-01	2026-01-31	cf6eee34bf8af483664632976d5b0006bdb020584319b3288106b2bfbb28e907	9624b9fd12011da4e6ae602fb089bbe397b341d62dd06d132737699758ff557f	000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f	5559b17d85dbabbad94ae8aaa8742625c55e78074ed1d9b04c115c93294865fd	{"USD":300000}	8	11	ann	2026-04-01T09:30:00.000000+00:00	47f95783e232d32112308bd3ec6474596cbb0ae0c26bfd98ef7fe612a7c1e167	c7eff950cdf9c488ae20170a7427ef03d3efc0eb8525fd9bd85289375dd09e03
14	2	pay	c909f22f6108	monthly	2026-01	2026-01-01	2026-01-31				5559b17d85dbabbad94ae8aaa8742625c55e78074ed1d9b04c115c93294865fd	{"USD":300000}	15	16	cat	2026-04-01T09:30:00.000000+00:00	7fc605709d26551001410cdb0eae1668568b7e7c22257fefea7a001f983ec43d	000f15d88e1f03c2dc27b9d8f869c87d867fb443507ba9392a4a9aeac646bf0b
\.


--
-- Data for Name: register; Type: TABLE DATA; Schema: compengine; Owner: owner
--

COPY compengine.register (seq, kind, id, state, calendar, payee, plan, body, note, actor, "time", previous, hash) FROM stdin;
1	adjustment	A0001	requested	monthly	ann	sales	{"amount":"5","code":"TEST","currency":"USD","for_period":"2026-01"}	a test	ann	2026-04-01T09:30:00.000000+00:00	0000000000000000000000000000000000000000000000000000000000000000	31fb0c2524bd986ee2ec0c63a3b887e945cfee514c68425c15524cb44380a35b
2	adjustment	A0001	approved	monthly	ann	sales	{"amount":"5","code":"TEST","currency":"USD","for_period":"2026-01"}	seen	bob	2026-04-01T09:30:00.000000+00:00	31fb0c2524bd986ee2ec0c63a3b887e945cfee514c68425c15524cb44380a35b	991ea1a9964a3df64dd26609c653ded187f4ea37d0c4d25f8cca57c7029e143c
\.


--
-- Data for Name: runs; Type: TABLE DATA; Schema: compengine; Owner: owner
--

COPY compengine.runs (seq, id, content, calendar, period, period_start, period_end, engine, plans, workspace, snapshot, opening, posted, earnings, payables, settlements, credits, measures, exclusions, entitlement, totals, previous, hash) FROM stdin;
3	c909f22f6108	c909f22f6108926cdd14eb9f534ad3b4faa2ee66de4f3bb4d02abc40908a66c9	monthly	2026-01	2026-01-01	2026-01-31	0.1.0	{"sales":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}	bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb	cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc	5b84f6c34f7a7601afd401869835db027a7788756d3943771cfa6e3e3be18b82		34c689edadc65f59dab055b70ddedb97a60a4325264a9e6381a7b13e3d56ae9f	fd7b71736cd60a7ca747eebd58521977166d32cf144fa3d6c259df8d703ec30f	50e71ad2268141384d952fa387a34ed7c7ac7af10d31a2a091fe1ba8b76dc257	dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd	dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd	dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd	5559b17d85dbabbad94ae8aaa8742625c55e78074ed1d9b04c115c93294865fd	{"USD":300000}	991ea1a9964a3df64dd26609c653ded187f4ea37d0c4d25f8cca57c7029e143c	05b6575b8ad5ed673b989b0ded5a05e1e12d513c2b8adb020f2083832b0ff416
\.


--
-- Name: alembic_version alembic_version_pkc; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.alembic_version
    ADD CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num);


--
-- Name: entries entries_pkey; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.entries
    ADD CONSTRAINT entries_pkey PRIMARY KEY (seq);


--
-- Name: entries entries_previous_key; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.entries
    ADD CONSTRAINT entries_previous_key UNIQUE (previous);


--
-- Name: events events_pkey; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (seq);


--
-- Name: events events_previous_key; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.events
    ADD CONSTRAINT events_previous_key UNIQUE (previous);


--
-- Name: links links_pkey; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.links
    ADD CONSTRAINT links_pkey PRIMARY KEY (seq);


--
-- Name: links links_previous_key; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.links
    ADD CONSTRAINT links_previous_key UNIQUE (previous);


--
-- Name: postings postings_number_key; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.postings
    ADD CONSTRAINT postings_number_key UNIQUE (number);


--
-- Name: postings postings_once; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.postings
    ADD CONSTRAINT postings_once UNIQUE (run, kind);


--
-- Name: postings postings_period; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.postings
    ADD CONSTRAINT postings_period UNIQUE (calendar, in_period, kind);


--
-- Name: postings postings_pkey; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.postings
    ADD CONSTRAINT postings_pkey PRIMARY KEY (seq);


--
-- Name: postings postings_previous_key; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.postings
    ADD CONSTRAINT postings_previous_key UNIQUE (previous);


--
-- Name: register register_pkey; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.register
    ADD CONSTRAINT register_pkey PRIMARY KEY (seq);


--
-- Name: register register_previous_key; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.register
    ADD CONSTRAINT register_previous_key UNIQUE (previous);


--
-- Name: runs runs_id_key; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.runs
    ADD CONSTRAINT runs_id_key UNIQUE (id);


--
-- Name: runs runs_pkey; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.runs
    ADD CONSTRAINT runs_pkey PRIMARY KEY (seq);


--
-- Name: runs runs_previous_key; Type: CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.runs
    ADD CONSTRAINT runs_previous_key UNIQUE (previous);


--
-- Name: entries_payee; Type: INDEX; Schema: compengine; Owner: owner
--

CREATE INDEX entries_payee ON compengine.entries USING btree (payee, plan);


--
-- Name: register_id; Type: INDEX; Schema: compengine; Owner: owner
--

CREATE INDEX register_id ON compengine.register USING btree (id);


--
-- Name: entries entries_admit; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER entries_admit BEFORE INSERT ON compengine.entries FOR EACH ROW EXECUTE FUNCTION compengine.entries_admit();

ALTER TABLE compengine.entries ENABLE ALWAYS TRIGGER entries_admit;


--
-- Name: entries entries_chain; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER entries_chain BEFORE INSERT ON compengine.entries FOR EACH ROW EXECUTE FUNCTION compengine.links_add();

ALTER TABLE compengine.entries ENABLE ALWAYS TRIGGER entries_chain;


--
-- Name: entries entries_keep; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER entries_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON compengine.entries FOR EACH STATEMENT EXECUTE FUNCTION compengine.entries_keep();

ALTER TABLE compengine.entries ENABLE ALWAYS TRIGGER entries_keep;


--
-- Name: events events_admit; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER events_admit BEFORE INSERT ON compengine.events FOR EACH ROW EXECUTE FUNCTION compengine.events_admit();

ALTER TABLE compengine.events ENABLE ALWAYS TRIGGER events_admit;


--
-- Name: events events_chain; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER events_chain BEFORE INSERT ON compengine.events FOR EACH ROW EXECUTE FUNCTION compengine.links_add();

ALTER TABLE compengine.events ENABLE ALWAYS TRIGGER events_chain;


--
-- Name: events events_keep; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER events_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON compengine.events FOR EACH STATEMENT EXECUTE FUNCTION compengine.events_keep();

ALTER TABLE compengine.events ENABLE ALWAYS TRIGGER events_keep;


--
-- Name: links links_keep; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER links_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON compengine.links FOR EACH STATEMENT EXECUTE FUNCTION compengine.links_keep();

ALTER TABLE compengine.links ENABLE ALWAYS TRIGGER links_keep;


--
-- Name: postings postings_admit; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER postings_admit BEFORE INSERT ON compengine.postings FOR EACH ROW EXECUTE FUNCTION compengine.postings_admit();

ALTER TABLE compengine.postings ENABLE ALWAYS TRIGGER postings_admit;


--
-- Name: postings postings_chain; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER postings_chain BEFORE INSERT ON compengine.postings FOR EACH ROW EXECUTE FUNCTION compengine.links_add();

ALTER TABLE compengine.postings ENABLE ALWAYS TRIGGER postings_chain;


--
-- Name: postings postings_keep; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER postings_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON compengine.postings FOR EACH STATEMENT EXECUTE FUNCTION compengine.postings_keep();

ALTER TABLE compengine.postings ENABLE ALWAYS TRIGGER postings_keep;


--
-- Name: register register_admit; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER register_admit BEFORE INSERT ON compengine.register FOR EACH ROW EXECUTE FUNCTION compengine.register_admit();

ALTER TABLE compengine.register ENABLE ALWAYS TRIGGER register_admit;


--
-- Name: register register_chain; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER register_chain BEFORE INSERT ON compengine.register FOR EACH ROW EXECUTE FUNCTION compengine.links_add();

ALTER TABLE compengine.register ENABLE ALWAYS TRIGGER register_chain;


--
-- Name: register register_keep; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER register_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON compengine.register FOR EACH STATEMENT EXECUTE FUNCTION compengine.register_keep();

ALTER TABLE compengine.register ENABLE ALWAYS TRIGGER register_keep;


--
-- Name: runs runs_admit; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER runs_admit BEFORE INSERT ON compengine.runs FOR EACH ROW EXECUTE FUNCTION compengine.runs_admit();

ALTER TABLE compengine.runs ENABLE ALWAYS TRIGGER runs_admit;


--
-- Name: runs runs_chain; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER runs_chain BEFORE INSERT ON compengine.runs FOR EACH ROW EXECUTE FUNCTION compengine.links_add();

ALTER TABLE compengine.runs ENABLE ALWAYS TRIGGER runs_chain;


--
-- Name: runs runs_keep; Type: TRIGGER; Schema: compengine; Owner: owner
--

CREATE TRIGGER runs_keep BEFORE DELETE OR UPDATE OR TRUNCATE ON compengine.runs FOR EACH STATEMENT EXECUTE FUNCTION compengine.runs_keep();

ALTER TABLE compengine.runs ENABLE ALWAYS TRIGGER runs_keep;


--
-- Name: entries entries_posting_fkey; Type: FK CONSTRAINT; Schema: compengine; Owner: owner
--

ALTER TABLE ONLY compengine.entries
    ADD CONSTRAINT entries_posting_fkey FOREIGN KEY (posting) REFERENCES compengine.postings(number);


--
-- Name: entries; Type: ROW SECURITY; Schema: compengine; Owner: owner
--

ALTER TABLE compengine.entries ENABLE ROW LEVEL SECURITY;

--
-- Name: entries entries_all; Type: POLICY; Schema: compengine; Owner: owner
--

CREATE POLICY entries_all ON compengine.entries TO owner, program USING (true) WITH CHECK (true);


--
-- Name: entries entries_own; Type: POLICY; Schema: compengine; Owner: owner
--

CREATE POLICY entries_own ON compengine.entries FOR SELECT TO payees USING ((payee = current_setting('compengine.payee'::text, true)));


--
-- Name: register; Type: ROW SECURITY; Schema: compengine; Owner: owner
--

ALTER TABLE compengine.register ENABLE ROW LEVEL SECURITY;

--
-- Name: register register_all; Type: POLICY; Schema: compengine; Owner: owner
--

CREATE POLICY register_all ON compengine.register TO owner, program USING (true) WITH CHECK (true);


--
-- Name: register register_own; Type: POLICY; Schema: compengine; Owner: owner
--

CREATE POLICY register_own ON compengine.register FOR SELECT TO payees USING ((payee = current_setting('compengine.payee'::text, true)));


--
-- Name: SCHEMA compengine; Type: ACL; Schema: -; Owner: owner
--

GRANT USAGE ON SCHEMA compengine TO program;
GRANT USAGE ON SCHEMA compengine TO payees;


--
-- Name: FUNCTION entries_admit(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.entries_admit() FROM PUBLIC;


--
-- Name: FUNCTION entries_keep(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.entries_keep() FROM PUBLIC;


--
-- Name: FUNCTION events_admit(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.events_admit() FROM PUBLIC;


--
-- Name: FUNCTION events_keep(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.events_keep() FROM PUBLIC;


--
-- Name: FUNCTION links_add(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.links_add() FROM PUBLIC;


--
-- Name: FUNCTION links_keep(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.links_keep() FROM PUBLIC;


--
-- Name: FUNCTION postings_admit(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.postings_admit() FROM PUBLIC;


--
-- Name: FUNCTION postings_keep(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.postings_keep() FROM PUBLIC;


--
-- Name: FUNCTION register_admit(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.register_admit() FROM PUBLIC;


--
-- Name: FUNCTION register_keep(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.register_keep() FROM PUBLIC;


--
-- Name: FUNCTION runs_admit(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.runs_admit() FROM PUBLIC;


--
-- Name: FUNCTION runs_keep(); Type: ACL; Schema: compengine; Owner: owner
--

REVOKE ALL ON FUNCTION compengine.runs_keep() FROM PUBLIC;


--
-- Name: TABLE alembic_version; Type: ACL; Schema: compengine; Owner: owner
--

GRANT SELECT ON TABLE compengine.alembic_version TO program;


--
-- Name: TABLE entries; Type: ACL; Schema: compengine; Owner: owner
--

GRANT SELECT,INSERT ON TABLE compengine.entries TO program;
GRANT SELECT ON TABLE compengine.entries TO payees;


--
-- Name: TABLE events; Type: ACL; Schema: compengine; Owner: owner
--

GRANT SELECT,INSERT ON TABLE compengine.events TO program;


--
-- Name: TABLE ledger_lock; Type: ACL; Schema: compengine; Owner: owner
--

GRANT UPDATE ON TABLE compengine.ledger_lock TO program;


--
-- Name: TABLE postings; Type: ACL; Schema: compengine; Owner: owner
--

GRANT SELECT,INSERT ON TABLE compengine.postings TO program;


--
-- Name: TABLE register; Type: ACL; Schema: compengine; Owner: owner
--

GRANT SELECT,INSERT ON TABLE compengine.register TO program;
GRANT SELECT ON TABLE compengine.register TO payees;


--
-- Name: TABLE runs; Type: ACL; Schema: compengine; Owner: owner
--

GRANT SELECT,INSERT ON TABLE compengine.runs TO program;


--
-- PostgreSQL database dump complete
--

\unrestrict 0BEGXOiXdIkX2gehHBcJc67L98Sps6FhAUIuJeKb0LR0ZNvhIq8Bqlan6dGhkqs

