/*
 * Approvals, by a walk of 10,000 steps that is held against a model of a few
 * lines: the same state, the same refusals. CRM_TEST_SEED repeats one.
 */

#include <stdlib.h>
#include <time.h>

#include "crm_approval_desk.h"


/* Of users 1 to 7 a bit each; what they are. */
#define BIT(user)   (1u << (user))
#define ACTIVE      (BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5) | BIT(7))

typedef struct {
    int        status;
    int        process;         /* 0: big, 1: all, 2: any */
    unsigned   level[2];        /* who decides */
    int        levels, at;
    unsigned   given;
    int        submitter;
    long long  decided_ms;
} model_t;


static void
model_enter(model_t *m, long long d, int user, int first)
{
    int  i, p;

    static const long long  over[] = { 50, 20, 10 };

    memset(m, 0, sizeof(model_t));

    for (i = first < 0 ? 0 : -1; i < 3; i++) {
        p = i < 0 ? first : i;

        if (d <= over[p]) {
            continue;
        }

        m->status = CRM_APPROVAL_WAITING;
        m->process = p;
        m->submitter = user;
        m->levels = p == 0 ? 2 : 1;
        m->level[0] = p == 0 ? BIT(2) : p == 1 ? BIT(2) | BIT(3)
                                               : BIT(2) | BIT(4);
        m->level[1] = BIT(3) | BIT(4);
        return;
    }
}


static int
model_admin(const model_t *m, int user)
{
    return user == 7 || (user == 5 && m->process == 0);
}


/* What a call must come to; user and to may be 0: nobody's id. */
static crm_refusal_kind_t
model_call(model_t *m, const desk_t *desk, int user, crm_call_kind_t kind,
    int to)
{
    int       admin, member, waits;
    unsigned  level;

    if (user == 0) {
        return CRM_REFUSE_PERMISSION;
    }

    waits = m->status == CRM_APPROVAL_WAITING;
    admin = model_admin(m, user);
    level = m->level[m->at];
    member = waits && (level & ACTIVE & BIT(user));

    if (kind == CRM_CALL_RESUBMIT || kind == CRM_CALL_RECALL) {
        if (m->status != CRM_APPROVAL_REJECTED
            && (kind == CRM_CALL_RESUBMIT || !waits))
        {
            return CRM_REFUSE_PROCESS;
        }

        if (!admin && user != 1 && (user != m->submitter || user == 6)) {
            return CRM_REFUSE_PERMISSION;
        }

        if (kind == CRM_CALL_RECALL) {
            memset(m, 0, sizeof(model_t));
            return CRM_REFUSE_NONE;
        }

        if (desk->now_ms - m->decided_ms > 180 * 86400000LL) {
            return CRM_REFUSE_NOT_ALLOWED;
        }

        model_enter(m, desk->d, user, m->process);
        return CRM_REFUSE_NONE;
    }

    if (!waits) {
        return CRM_REFUSE_PROCESS;
    }

    if (!member && !admin) {
        return CRM_REFUSE_PERMISSION;
    }

    if (kind == CRM_CALL_REJECT) {
        m->status = CRM_APPROVAL_REJECTED;
        m->given = 0;
        m->decided_ms = desk->now_ms;
        return CRM_REFUSE_NONE;
    }

    if (kind == CRM_CALL_DELEGATE) {
        if (to == 0) {
            return CRM_REFUSE_MANDATORY;
        }
        if (!(ACTIVE & BIT(to)) || (level & BIT(to))) {
            return CRM_REFUSE_VALUE;
        }
        if (member && (m->given & BIT(user))) {
            return CRM_REFUSE_PROCESS;
        }

        m->level[m->at] = (member ? level & ~BIT(user) : m->given) | BIT(to);
        return CRM_REFUSE_NONE;
    }

    if (member && (m->given & BIT(user))) {
        return CRM_REFUSE_PROCESS;
    }

    if (m->process == 1 && member) {
        m->given |= BIT(user);

        if (m->given != level) {
            return CRM_REFUSE_NONE;
        }
    }

    m->given = 0;

    if (++m->at == m->levels) {
        m->at--;
        m->status = CRM_APPROVAL_APPROVED;
        m->decided_ms = desk->now_ms;
    }

    return CRM_REFUSE_NONE;
}


static crm_refusal_kind_t
model_edit(model_t *m, int user, long long d, long long was)
{
    int  i;

    if (m->status == CRM_APPROVAL_WAITING
        || m->status == CRM_APPROVAL_REJECTED)
    {
        if (d == was || model_admin(m, user)) {
            return CRM_REFUSE_NONE;
        }

        for (i = 0; i < m->levels; i++) {
            if (m->level[i] & ACTIVE & BIT(user) & ~BIT(0)) {
                return CRM_REFUSE_NONE;
            }
        }

        return CRM_REFUSE_APPROVAL;
    }

    if (d != was && d > 10) {
        model_enter(m, d, user, -1);
    }

    return CRM_REFUSE_NONE;
}


static unsigned
bits_of(const crm_who_t *who)
{
    size_t    i;
    unsigned  bits;

    for (i = 0, bits = 0; i < who->count; i++) {
        bits |= BIT(who->ids[i].data[0] - '0');
    }

    return bits;
}


static int
same(const desk_t *desk, const model_t *m)
{
    int                          i;
    const crm_approval_state_t  *s;

    static const char *const  names[] = { "big", "all", "any" };

    s = &desk->state;

    if ((int) s->status != m->status || m->status == CRM_APPROVAL_NONE) {
        return (int) s->status == m->status;
    }

    if (!crm_str_is(s->process, names[m->process])
        || (int) s->levels_count != m->levels || (int) s->level != m->at + 1
        || bits_of(&s->given) != m->given
        || s->decided_ms != m->decided_ms)
    {
        return 0;
    }

    for (i = 0; i < m->levels; i++) {
        if (bits_of(&s->levels[i]) != m->level[i]) {
            return 0;
        }
    }

    return s->history_count <= CRM_APPROVAL_HISTORY_MAX;
}


static void
a_long_walk_is_that_of_the_model(void **state)
{
    int                  i, user, to;
    char                 text[32];
    desk_t               desk;
    model_t              model;
    unsigned             seed;
    long long            d;
    const char          *given;
    crm_call_kind_t      kind;
    crm_refusal_kind_t   expected;

    static const char *const  users[] = {
        "", "1", "2", "3", "4", "5", "6", "7"
    };
    static const long long  amounts[] = { 0, 15, 30, 60 };

    (void) state;

    given = getenv("CRM_TEST_SEED");
    seed = given ? (unsigned) strtoul(given, NULL, 10)
                 : (unsigned) time(NULL);
    print_message("# seed %u (CRM_TEST_SEED)\n", seed);
    srand(seed);

    desk_open(&desk, RULES);
    memset(&model, 0, sizeof(model_t));

    for (i = 0; i < 10000; i++) {
        user = rand() % 8;
        to = rand() % 8;
        desk.now_ms += rand() % 100 == 0 ? 200 * 86400000LL : 1000;

        if (i % 500 == 499) {
            crm_pool_destroy(desk.pool);
            desk.pool = crm_test_pool();
            desk_keep(&desk, NULL, 0);
        }

        if (rand() % 3 == 0) {
            d = amounts[rand() % 4];
            snprintf(text, sizeof(text), "{'D':%lld}", d);
            expected = model_edit(&model, user, d, desk.d);
            desk_edit(&desk, users[user], text, d);

        } else {
            kind = (crm_call_kind_t) (CRM_CALL_APPROVE + rand() % 5);
            expected = model_call(&model, &desk, user, kind, to);
            desk_call(&desk, users[user], kind, users[to]);
        }

        if (desk.refused != expected || !same(&desk, &model)) {
            fail_msg("seed %u, step %d, user %d: refused %d, not %d; %s",
                     seed, i, user, (int) desk.refused, (int) expected,
                     desk.text);
        }
    }

    desk_close(&desk);
}


static const struct CMUnitTest  tests[] = {
    cmocka_unit_test(a_long_walk_is_that_of_the_model),
};

CRM_TEST_MAIN(tests)
