/* A session of chunked UDP, chunked-udp.md §6 and §6.13, as a model that spin checks: one sender, a group of two receivers,
 * two chunks in one block with one parity symbol. `Tests/lab/model.sh` checks it; ../model.md says what it states and leaves out.
 *
 * The network: what is under way to a process is a set, so messages overtake each other freely. A message can be lost (LOSSES
 * times in all) and can arrive twice (DOUBLES times). KILLS: kill -9 of a receiver or of the sender; it is started again, the
 * receiver with its parts. FAULTS: a receiver cannot store what it has.
 *
 * Timers run out when nothing is under way, as their times are longer than a round trip. EARLY times one runs out too soon. */

/* How many of each there may be; the environment of the checking program says so (LOSSES=2 ./pan), so that one program serves
 * all. MUTANT: a fault on purpose, to see that the check finds it; each is where its number is. */
byte LOSSES, DOUBLES, EARLY, KILLS, FAULTS, MUTANT;
c_decl {
static int of_environment(const char *name) { const char *text = getenv(name); return text ? atoi(text) : 0; }
}

#define HOSTS 2
#define LIVES 2    /* of a receiver, each with an id of its own */
#define SESSIONS 2 /* of the sender: the second one after a kill */
#define IDS 4
#define ID(host) ((host) * LIVES + life[host])
#define ROUNDS 3   /* of *announce*, *end* and *complete* before their process gives up */

/* From the sender. A *close* names a receiver id: here its life. */
#define ANNOUNCE 1
#define CHUNK0 2
#define CHUNK1 4
#define SYMBOL 8
#define END 16
#define CLOSE(id) (32 << ((id) % LIVES))
/* To the sender. */
#define JOIN 1
#define NACK0 2
#define NACK1 4
#define COMPLETE 8
#define COMPLETE_FAILED 16

#define CHUNKS (CHUNK0 | CHUNK1)
/* Any two of the three make both chunks. */
#define IS_ENOUGH(held) ((held) == 6 || (held) == 10 || (held) == 12 || (held) == 14)

mtype = { announcing, sending, ending, lingering, listening, receiving, verifying, completing, ended }
mtype = { unknown, underWay, whole, partial, silent }

/* What is under way, a bit for each message. */
byte down[4]; /* session * HOSTS + host */
byte up[8];   /* session * IDS + id */

/* The sender. */
byte session = 0;
mtype sender = announcing;
mtype outcome[IDS] = unknown;
byte unheard[IDS];  /* rounds of *end* since the peer was heard */
byte round = 0;
byte unsent = CHUNKS;
byte repairs = 0;

/* The receivers. */
mtype receiver[HOSTS] = listening;
byte life[HOSTS];
byte held[HOSTS];
byte inSession[HOSTS];
bool hasHeard[4];   /* session * HOSTS + host: an announce of the session */
bool isIntact[HOSTS];
byte completes[HOSTS];

/* What only the checks know. */
bool isWhole[IDS];      /* the receiver has verified all */
bool isRecorded[8];     /* session * IDS + id: the sender has its outcome */
byte losses = 0, doubles = 0, early = 0, kills = 0, faults = 0;

#define DOWN(s, host) down[(s) * HOSTS + (host)]
#define UP(s, id) up[(s) * IDS + (id)]
#define IS_UNDER_WAY (down[0] | down[1] | down[2] | down[3] | up[0] | up[1] | up[2] | up[3] | up[4] | up[5] | up[6] | up[7])
#define IS_QUIET (!IS_UNDER_WAY && sender != sending && repairs == 0 && receiver[0] != verifying && receiver[1] != verifying)
#define MAY_RUN_OUT (IS_QUIET || early < EARLY)
#define IS_OVER(s) (session > (s) || sender == ended)
#define IS_LAST_SESSION (session + 1 == SESSIONS || kills == KILLS)
#define ARE_SETTLED (outcome[0] != underWay && outcome[1] != underWay && outcome[2] != underWay && outcome[3] != underWay)
#define IS_KNOWN(id) (outcome[id] != unknown)
#define PEERS (IS_KNOWN(0) + IS_KNOWN(1) + IS_KNOWN(2) + IS_KNOWN(3))
#define IS_FINE(id) (outcome[id] == whole || outcome[id] == unknown)
#define IS_SUCCESS (PEERS >= HOSTS && IS_FINE(0) && IS_FINE(1) && IS_FINE(2) && IS_FINE(3))

inline run_out() { if :: IS_QUIET :: else -> early++ fi }
/* Takes a message out of those under way; perhaps a copy of it is left. */
inline take(set, message) { if :: set = set & ~(message) :: doubles < DOUBLES -> doubles++ fi }

/* ---- The sender ---- */

inline to_host(host, message) {
  if
  :: DOWN(session, host) = DOWN(session, host) | (message)
  :: losses < LOSSES -> losses++
  fi
}
inline to_group(message) { to_host(0, message); to_host(1, message) }

inline begin_session() {
  sender = announcing; round = 0; unsent = CHUNKS; repairs = 0;
  outcome[0] = unknown; outcome[1] = unknown; outcome[2] = unknown; outcome[3] = unknown;
  unheard[0] = 0; unheard[1] = 0; unheard[2] = 0; unheard[3] = 0
}

/* A message of a receiver makes it a peer; one that was silent is under way again. */
inline hear(id) {
  unheard[id] = 0;
  if
  :: (sender == announcing || sender == sending || sender == ending) && (outcome[id] == unknown || outcome[id] == silent) ->
    outcome[id] = underWay
  :: sender == lingering && outcome[id] == unknown -> /* all that it sent was lost: the transfer is not over */
    outcome[id] = underWay; sender = ending
  :: else
  fi
}

inline handle_join(id) {
  if
  :: sender != lingering -> hear(id)
  :: else /* it comes too late */
  fi;
  if
  :: sender == announcing && PEERS >= HOSTS -> sender = sending; round = 0
  :: else
  fi
}

inline handle_nack(id, chunk) {
  if
  :: sender == sending || sender == ending || sender == lingering && !IS_KNOWN(id) ->
    hear(id); repairs = repairs | ((chunk) & ~unsent)
  :: else /* nothing was sent yet, or all is over */
  fi
}

inline handle_complete(id, what) {
  if
  :: sender == ending || sender == lingering ->
    hear(id);
    if
    :: outcome[id] == underWay || outcome[id] == silent ->
      outcome[id] = what;
      isRecorded[session * IDS + (id)] = true;
      assert(outcome[id] != whole || isWhole[id])
    :: else
    fi;
    to_host((id) / LIVES, CLOSE(id))
  :: else /* malformed: chunks were not sent yet */
  fi
}

inline handle_receiver(id) {
  if
  :: UP(session, id) & JOIN -> take(UP(session, id), JOIN); handle_join(id)
  :: UP(session, id) & NACK0 -> take(UP(session, id), NACK0); handle_nack(id, CHUNK0)
  :: UP(session, id) & NACK1 -> take(UP(session, id), NACK1); handle_nack(id, CHUNK1)
  :: UP(session, id) & COMPLETE -> take(UP(session, id), COMPLETE); handle_complete(id, whole)
  :: UP(session, id) & COMPLETE_FAILED ->
    take(UP(session, id), COMPLETE_FAILED);
    if
    :: MUTANT == 1 -> handle_complete(id, whole)
    :: else -> handle_complete(id, partial)
    fi
  fi
}

inline count_round(id) {
  if
  :: outcome[id] == underWay -> unheard[id]++
  :: else -> unheard[id] = 0
  fi
}

/* *End* to all, and an announce for those that come late. */
inline send_end() {
  to_group(ANNOUNCE);
  if
  :: MUTANT != 3 || round == 0 -> to_group(END)
  :: else
  fi;
  round = 1;
  count_round(0); count_round(1); count_round(2); count_round(3)
}

inline give_up_if_silent(id) {
  if
  :: outcome[id] == underWay && unheard[id] >= ROUNDS ->
    outcome[id] = silent;
    /* Each of these rounds lost a message, or was too early; or the receiver is gone. */
    assert(life[(id) / LIVES] > (id) % LIVES || receiver[(id) / LIVES] == ended || losses + early >= ROUNDS - 1)
  :: else
  fi
}

proctype Sender() {
  do
  :: atomic { sender != ended && UP(session, 0) -> handle_receiver(0) }
  :: atomic { sender != ended && UP(session, 1) -> handle_receiver(1) }
  :: atomic { sender != ended && UP(session, 2) -> handle_receiver(2) }
  :: atomic { sender != ended && UP(session, 3) -> handle_receiver(3) }

  :: atomic { sender == announcing && MAY_RUN_OUT ->
    run_out();
    if
    :: round < ROUNDS -> round++; to_group(ANNOUNCE)
    :: round == ROUNDS && PEERS > 0 -> sender = sending; round = 0
    :: else -> sender = ended /* nobody is listening */
    fi
  }
  :: atomic { sender == sending && (unsent & CHUNK0) -> unsent = unsent & ~CHUNK0; to_group(CHUNK0) }
  :: atomic { sender == sending && unsent == CHUNK1 -> unsent = 0; to_group(CHUNK1) }
  :: atomic { (sender == sending || sender == ending) && repairs != 0 ->
    if
    :: repairs == CHUNKS -> repairs = 0; to_group(SYMBOL) /* one symbol serves two different losses */
    :: repairs & CHUNK0 -> repairs = repairs & ~CHUNK0; to_group(CHUNK0)
    :: repairs & CHUNK1 -> repairs = repairs & ~CHUNK1; to_group(CHUNK1)
    fi
  }
  :: atomic { sender == sending && unsent == 0 && repairs == 0 -> sender = ending; send_end() }
  :: atomic { sender == ending && (ARE_SETTLED || MUTANT == 4 && outcome[0] == whole) -> sender = lingering; repairs = 0 }
  :: atomic { sender == ending && !ARE_SETTLED && MAY_RUN_OUT ->
    run_out();
    give_up_if_silent(0); give_up_if_silent(1); give_up_if_silent(2); give_up_if_silent(3);
    if
    :: ARE_SETTLED
    :: else -> send_end()
    fi
  }
  :: atomic { sender == lingering && MAY_RUN_OUT ->
    run_out();
    /* Success: every receiver verified everything. Without kills and faults it takes as many lost messages as rounds to fail. */
    assert(!IS_SUCCESS || (isWhole[0] || isWhole[1]) && (isWhole[2] || isWhole[3]));
    assert(IS_SUCCESS || kills > 0 || faults > 0 || losses + early >= ROUNDS - 1);
    sender = ended
  }
  :: atomic { sender != ended && kills < KILLS && session + 1 < SESSIONS -> kills++; session++; begin_session() }
  :: atomic { sender == ended && !IS_UNDER_WAY && receiver[0] == ended && receiver[1] == ended -> break }
  :: atomic { (session > 0 && (up[0] | up[1] | up[2] | up[3])) -> up[0] = 0; up[1] = 0; up[2] = 0; up[3] = 0 } /* stray */
  :: atomic { sender == ended && (up[0] | up[1] | up[2] | up[3] | up[4] | up[5] | up[6] | up[7]) -> /* nobody is there */
    up[0] = 0; up[1] = 0; up[2] = 0; up[3] = 0; up[4] = 0; up[5] = 0; up[6] = 0; up[7] = 0
  }
  od
}

/* ---- A receiver ---- */

inline to_sender(s, message) {
  if
  :: UP(s, ID(host)) = UP(s, ID(host)) | (message)
  :: losses < LOSSES -> losses++
  fi
}

inline verify_if_all_held() {
  if
  :: IS_ENOUGH(held[host]) -> held[host] = held[host] | CHUNKS; receiver[host] = verifying
  :: MUTANT == 2 && (held[host] & CHUNK1) && !IS_ENOUGH(held[host]) -> receiver[host] = verifying
  :: else -> receiver[host] = receiving
  fi
}

inline handle_chunk(s, chunk) {
  if
  :: receiver[host] == listening && hasHeard[(s) * HOSTS + host] && (chunk) != SYMBOL ->
    inSession[host] = s; held[host] = held[host] | (chunk); verify_if_all_held()
  :: receiver[host] == receiving && inSession[host] == (s) -> held[host] = held[host] | (chunk); verify_if_all_held()
  :: else /* foreign, stray or late */
  fi
}

inline say_complete() {
  if
  :: isIntact[host] -> to_sender(inSession[host], COMPLETE)
  :: else -> to_sender(inSession[host], COMPLETE_FAILED)
  fi
}

inline handle_announce(s) {
  if
  :: receiver[host] == listening ->
    hasHeard[(s) * HOSTS + host] = true;
    to_sender(s, JOIN);
    if
    :: held[host] != 0 -> inSession[host] = s; verify_if_all_held() /* a resumed session begins with what is here */
    :: else
    fi
  :: receiver[host] != listening && inSession[host] == (s) -> to_sender(s, JOIN)
  :: else
  fi
}

inline handle_end(s) {
  if
  :: receiver[host] == listening && hasHeard[(s) * HOSTS + host] -> to_sender(s, NACK0)
  :: receiver[host] == receiving && inSession[host] == (s) ->
    if
    :: !(held[host] & CHUNK0) -> to_sender(s, NACK0)
    :: else
    fi;
    if
    :: !(held[host] & CHUNK1) -> to_sender(s, NACK1)
    :: else
    fi
  :: receiver[host] == completing && inSession[host] == (s) -> say_complete()
  :: else
  fi
}

inline handle_close(s, id) {
  if
  :: receiver[host] == completing && inSession[host] == (s) && ((id) % LIVES == life[host] || MUTANT == 5) ->
    receiver[host] = ended; /* completed, confirmed */
    assert(isRecorded[(s) * IDS + ID(host)])
  :: else
  fi
}

inline handle_sender(s) {
  if
  :: DOWN(s, host) & ANNOUNCE -> take(DOWN(s, host), ANNOUNCE); handle_announce(s)
  :: DOWN(s, host) & CHUNK0 -> take(DOWN(s, host), CHUNK0); handle_chunk(s, CHUNK0)
  :: DOWN(s, host) & CHUNK1 -> take(DOWN(s, host), CHUNK1); handle_chunk(s, CHUNK1)
  :: DOWN(s, host) & SYMBOL -> take(DOWN(s, host), SYMBOL); handle_chunk(s, SYMBOL)
  :: DOWN(s, host) & END -> take(DOWN(s, host), END); handle_end(s)
  :: DOWN(s, host) & CLOSE(0) -> take(DOWN(s, host), CLOSE(0)); handle_close(s, 0)
  :: DOWN(s, host) & CLOSE(1) -> take(DOWN(s, host), CLOSE(1)); handle_close(s, 1)
  fi
}

/* A process of its own: new id, nothing heard. Its parts are kept. */
inline start_again() {
  life[host]++;
  receiver[host] = listening;
  hasHeard[host] = false; hasHeard[HOSTS + host] = false;
  isIntact[host] = false; completes[host] = 0; inSession[host] = 0
}

proctype Receiver(byte host) {
  do
  :: atomic { receiver[host] != ended && DOWN(0, host) -> handle_sender(0) }
  :: atomic { receiver[host] != ended && DOWN(1, host) -> handle_sender(1) }
  :: atomic { receiver[host] == verifying ->
    if
    :: isIntact[host] = true; isWhole[ID(host)] = IS_ENOUGH(held[host])
    :: faults < FAULTS -> faults++; isIntact[host] = false
    fi;
    receiver[host] = completing;
    say_complete()
  }
  :: atomic { receiver[host] == completing && completes[host] < ROUNDS && MAY_RUN_OUT ->
    run_out(); completes[host]++; say_complete()
  }
  /* The sender is silent: completed and unconfirmed, or ended with its parts kept. */
  :: atomic { (receiver[host] == completing || receiver[host] == receiving) && IS_QUIET && IS_OVER(inSession[host]) ->
    receiver[host] = ended
  }
  :: atomic { receiver[host] == listening && IS_QUIET && sender == ended -> receiver[host] = ended } /* no sender came */
  :: atomic { receiver[host] != ended && kills < KILLS && life[host] + 1 < LIVES -> kills++; start_again() }
  :: atomic { receiver[host] == ended && (DOWN(0, host) | DOWN(1, host)) -> DOWN(0, host) = 0; DOWN(1, host) = 0 }
  :: atomic { receiver[host] == ended && sender == ended && !IS_UNDER_WAY -> break }
  od
}

init {
  atomic {
    c_code {
      now.LOSSES = of_environment("LOSSES"); now.DOUBLES = of_environment("DOUBLES"); now.EARLY = of_environment("EARLY");
      now.KILLS = of_environment("KILLS"); now.FAULTS = of_environment("FAULTS"); now.MUTANT = of_environment("MUTANT");
    };
    run Sender(); run Receiver(0); run Receiver(1)
  }
}
