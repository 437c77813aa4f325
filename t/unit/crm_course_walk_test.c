/*
 * A record led by a blueprint, on a random walk beside a model of a few lines:
 * the same refusals, the same state. CRM_TEST_ROUNDS and CRM_TEST_SEED repeat
 * a walk.
 */

#include "crm_course_rules.h"

#include "transform/crm_call.h"


#define STEPS  10000


enum { S_NEW, S_PROPOSAL, S_WON, S_LOST, S_ODD, S_NONE, STAGES };

static const char *const  stages[] = {
    "'New'", "'Proposal'", "'Won'", "'Lost'", "'Odd'", "null"
};

static const char *const  users[] = { "rep", "clerk", "over" };

/* What the model knows: no more than a person would write down. */
typedef struct {
    int  stage;
    int  amount;            /* -1: none */
    int  note;
    int  in;                /* process, as Redis has it */
    int  saved;             /* partially, for propose */
    int  saved_amount;      /* -1: none */
    int  saved_note;
} model_t;

/* One step of either kind. */
typedef struct {
    unsigned    who;
    const char *transition;     /* NULL: a plain update */
    int         stage;          /* -1: not sent */
    int         amount;         /* -1: not sent */
    int         note;
} step_t;

typedef enum { M_OK, M_REFUSED, M_PARTIAL } said_t;


static int
led(int stage)
{
    return stage <= S_LOST;
}


static said_t
model_call(model_t *m, const step_t *s)
{
    int  amount, note, saved;

    if (!m->in || !led(m->stage)) {
        return M_REFUSED;
    }

    if (strcmp(s->transition, "propose") != 0) {
        if (s->amount >= 0 || s->note
            || (strcmp(s->transition, "win") == 0 && m->stage != S_PROPOSAL))
        {
            return M_REFUSED;
        }

        m->stage = s->transition[0] == 'w' ? S_WON : S_LOST;
        m->saved = 0;

        return M_OK;
    }

    if (m->stage != S_NEW || s->who != 0) {
        return M_REFUSED;
    }

    saved = m->saved;
    amount = s->amount >= 0 ? s->amount
             : saved && m->saved_amount >= 0 ? m->saved_amount : m->amount;
    note = s->note || (saved && m->saved_note) || m->note;

    if (amount == 0) {
        return M_REFUSED;
    }

    if (amount < 0 || !note) {
        if (s->amount < 0 && !s->note) {
            return M_REFUSED;
        }

        if (!saved) {
            m->saved_amount = -1;
            m->saved_note = 0;
        }

        m->saved = 1;
        m->saved_amount = s->amount >= 0 ? s->amount : m->saved_amount;
        m->saved_note |= s->note;

        return M_PARTIAL;
    }

    m->amount = amount;
    m->note = note;
    m->stage = S_PROPOSAL;
    m->saved = 0;

    return M_OK;
}


static said_t
model_write(model_t *m, const step_t *s)
{
    int  was, to;

    was = m->in && led(m->stage);
    to = s->stage >= 0 ? s->stage : m->stage;

    if (was && to != m->stage && s->who != 2) {
        return M_REFUSED;
    }

    if (s->amount >= 0) {
        m->amount = s->amount;
    }

    m->note |= s->note;
    m->saved = m->saved && was && to == m->stage;
    m->stage = to;
    m->in = led(to);

    return M_OK;
}


static crm_str_t
stored(crm_pool_t *pool, const model_t *m)
{
    char  amount[16] = "null";

    if (m->amount >= 0) {
        (void) snprintf(amount, sizeof(amount), "%d", m->amount);
    }

    return crm_pool_printf(pool, "{'id':'42','Stage':%s,'Amount':%s,"
                           "'Note':%s,'Frozen':false}", stages[m->stage],
                           amount, m->note ? "'n'" : "null");
}


static crm_str_t
sent(crm_pool_t *pool, const step_t *s)
{
    int        n;
    crm_buf_t  buf;

    n = 0;
    crm_buf_init(&buf, pool, 0);
    crm_buf_putc(&buf, '{');

    if (s->stage >= 0) {
        crm_buf_puts(&buf, "'Stage':");
        crm_buf_puts(&buf, stages[s->stage]);
        n++;
    }

    if (s->amount >= 0) {
        crm_buf_puts(&buf, n++ ? ",'Amount':" : "'Amount':");
        crm_buf_int(&buf, s->amount);
    }

    if (s->note) {
        crm_buf_puts(&buf, n ? ",'Note':'n'" : "'Note':'n'");
    }

    crm_buf_puts(&buf, "}");
    crm_buf_putc(&buf, '\0');

    return crm_buf_view(&buf);
}


/* What effects make of what Redis keeps. */
static void
keep(char *kept, size_t size, const crm_effects_t *effects)
{
    size_t  i;

    for (i = 0; i < effects->changes_count; i++) {
        assert_str(effects->changes[i].field, "blueprint");

        (void) snprintf(kept, size, "%.*s",
                        effects->changes[i].op == CRM_CHANGE_DEL ? 0
                        : (int) effects->changes[i].value.len,
                        effects->changes[i].value.data);
    }
}


/* The update that a transition comes to goes the way of all updates. */
static said_t
update(crm_write_t *w, crm_str_t request, char *kept, size_t size)
{
    crm_event_t   event;
    crm_write_t   u;
    crm_record_t  record;

    assert_int_equal(crm_record_parse(&record, request, NULL, w->pool, NULL),
                     CRM_OK);
    u = *w;
    u.operation = CRM_OP_UPDATE;
    u.request = &record;

    assert_int_equal(crm_write_init(&u, w->pool), CRM_OK);
    assert_int_equal(crm_event_judge(&event, &u), CRM_OK);

    if (event.verdict.kind != CRM_REFUSE_NONE) {
        return M_REFUSED;
    }

    /* its action rides along, once */

    assert_int_equal(event.effects.steps_count,
                     w->call && crm_str_is(w->call->transition, "propose"));
    keep(kept, size, &event.effects);

    return M_OK;
}


static said_t
product(crm_pool_t *pool, const crm_ruleset_t *rules, const model_t *m,
    const step_t *s, char *kept, size_t size)
{
    crm_str_t      text;
    crm_call_t     call;
    crm_write_t   *w;
    crm_called_t   called;

    text = crm_make_text(pool, sent(pool, s).data);

    w = crm_course_given(pool, rules, users[s->who], kept[0] ? kept : NULL,
                         NULL, stored(pool, m).data);

    if (s->transition == NULL) {
        return update(w, text, kept, size);
    }

    memset(&call, 0, sizeof(call));
    call.kind = CRM_CALL_TRANSITION;
    call.transition = crm_strz(s->transition);
    call.data = crm_make_record(pool, text.data)->object;

    w->operation = CRM_OP_ACTION;
    w->call = &call;
    assert_int_equal(crm_call_judge(&called, w), CRM_OK);

    if (called.verdict.kind != CRM_REFUSE_NONE) {
        assert_int_equal(called.effects.changes_count, 0);
        return M_REFUSED;
    }

    if (called.update.len == 0) {
        keep(kept, size, &called.effects);
        return M_PARTIAL;
    }

    return update(w, called.update, kept, size);
}


static void
choose(step_t *s, uint64_t *seed)
{
    static const char *const  transitions[] = { "propose", "win", "lose" };

    memset(s, 0, sizeof(step_t));

    s->who = crm_test_below(seed, 3);
    s->transition = crm_test_below(seed, 2)
                    ? transitions[crm_test_below(seed, 3)] : NULL;
    s->stage = s->transition || crm_test_below(seed, 2)
               ? -1 : (int) crm_test_below(seed, STAGES);
    s->amount = crm_test_below(seed, 3) ? -1 : (int) crm_test_below(seed, 3);
    s->note = crm_test_below(seed, 3) == 0;
}


/* Now and then somebody writes past us, or a new record takes its place. */
static void
disturb(model_t *m, char *kept, uint64_t *seed)
{
    switch (crm_test_below(seed, 12)) {

    case 0:
        m->stage = (int) crm_test_below(seed, STAGES);
        break;

    case 1:
        memset(m, 0, sizeof(model_t));
        m->amount = -1;
        kept[0] = '\0';
        break;

    default:
        break;
    }
}


static void
a_random_walk_goes_as_the_model_goes(void **state)
{
    long            i;
    char            kept[2048];
    step_t          s;
    said_t          expected, said;
    model_t         m, was;
    uint64_t        seed;
    crm_pool_t     *pool;
    const char     *given;
    crm_ruleset_t  *rules;

    (void) state;

    given = getenv("CRM_TEST_SEED");
    seed = given ? strtoull(given, NULL, 10) : 20261122;
    print_message("# seed %llu\n", (unsigned long long) seed);

    rules = crm_make_rules(PIPELINE(""));
    memset(&m, 0, sizeof(model_t));
    m.amount = -1;
    kept[0] = '\0';

    for (i = 0; i < crm_test_rounds(STEPS); i++) {
        disturb(&m, kept, &seed);
        choose(&s, &seed);

        was = m;
        pool = crm_test_pool();
        expected = s.transition ? model_call(&m, &s) : model_write(&m, &s);
        said = product(pool, rules, &was, &s, kept, sizeof(kept));

        if (said != expected || m.in != (kept[0] != '\0')) {
            fail_msg("step %ld: %s %s stage:%d amount:%d note:%d, stored"
                     " stage:%d amount:%d note:%d in:%d: %d, not %d, kept %s",
                     i, users[s.who], s.transition ? s.transition : "update",
                     s.stage, s.amount, s.note, was.stage, was.amount,
                     was.note, was.in, said, expected, kept);
        }

        crm_pool_destroy(pool);
    }

    crm_ruleset_release(rules);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_random_walk_goes_as_the_model_goes),
};

CRM_TEST_MAIN(tests)
