/*
 * What a rule may name without knowing it.
 */

#include "rules/crm_predefined.h"


#define SECOND_US  1000000LL
#define MINUTE_US  (60 * SECOND_US)

/* Years that no clock shows: a now may come from a stored document. */
#define PREDEFINED_MAX_MS  400000000000000LL


static int predefined_is(crm_str_t *text, const char *word);
static int predefined_span(crm_predefined_t *token, crm_str_t word);
static int predefined_offset(crm_predefined_t *token, crm_str_t text);
static crm_moment_t predefined_now(const crm_predefined_t *token,
    const crm_scope_t *scope);


crm_status_t
crm_predefined_parse(crm_predefined_t *token, crm_str_t text)
{
    int  ok;

    memset(token, 0, sizeof(crm_predefined_t));

    if (text.len < 4 || memcmp(text.data, "${", 2) != 0
        || text.data[text.len - 1] != '}')
    {
        return CRM_DECLINED;
    }

    text = crm_str(text.data + 2, text.len - 3);

    if (predefined_is(&text, "STARTOF:")) {
        token->kind = CRM_PREDEFINED_FIRST;
        ok = predefined_span(token, text);

    } else if (predefined_is(&text, "ENDOF:")) {
        token->kind = CRM_PREDEFINED_LAST;
        ok = predefined_span(token, text);

    } else if (predefined_is(&text, "NOW")) {
        token->kind = CRM_PREDEFINED_NOW;
        ok = predefined_offset(token, text);

    } else if (predefined_is(&text, "TODAY")) {
        token->kind = CRM_PREDEFINED_TODAY;
        ok = predefined_offset(token, text);

    } else if (predefined_is(&text, "CURRENTUSER")) {
        token->kind = text.len == 0 ? CRM_PREDEFINED_USER
                      : crm_str_is(text, ".role") ? CRM_PREDEFINED_ROLE
                      : CRM_PREDEFINED_PROFILE;
        ok = token->kind != CRM_PREDEFINED_PROFILE
             || crm_str_is(text, ".profile");

    } else {
        ok = 0;
    }

    return ok ? CRM_OK : CRM_DECLINED;
}


int
crm_predefined_is_time(const crm_predefined_t *token)
{
    return token->kind <= CRM_PREDEFINED_LAST;
}


crm_moment_t
crm_predefined_moment(const crm_predefined_t *token, const crm_scope_t *scope)
{
    long long     today;
    crm_moment_t  now;

    now = predefined_now(token, scope);

    if (token->kind == CRM_PREDEFINED_NOW) {
        return now;
    }

    today = now.day;

    switch (token->kind) {

    case CRM_PREDEFINED_FIRST:
        today = crm_date_first(today, token->span, scope->week_start);
        break;

    case CRM_PREDEFINED_LAST:
        today = crm_date_last(today, token->span, scope->week_start);
        break;

    default:
        today += token->n;
        break;
    }

    return crm_moment_of_day(today);
}


crm_status_t
crm_predefined_text(const crm_predefined_t *token, const crm_scope_t *scope,
    crm_str_t *text)
{
    const crm_actor_t  *actor;

    actor = scope ? scope->actor : NULL;

    if (actor == NULL || actor->id.len == 0) {
        return CRM_DECLINED;
    }

    if (token->kind == CRM_PREDEFINED_USER) {
        *text = actor->id;
        return CRM_OK;
    }

    /* every user of the rules has a profile */

    if (actor->profile.len == 0) {
        return CRM_DECLINED;
    }

    *text = token->kind == CRM_PREDEFINED_ROLE ? actor->role : actor->profile;

    return CRM_OK;
}


/* Whether text begins with word, which is then cut off. */
static int
predefined_is(crm_str_t *text, const char *word)
{
    size_t  len;

    len = strlen(word);

    if (text->len < len || memcmp(text->data, word, len) != 0) {
        return 0;
    }

    *text = crm_str(text->data + len, text->len - len);

    return 1;
}


static int
predefined_span(crm_predefined_t *token, crm_str_t word)
{
    size_t  i;

    static const char *const  spans[] = { "week", "month", "quarter", "year" };

    for (i = 0; i < sizeof(spans) / sizeof(spans[0]); i++) {
        if (crm_str_is(word, spans[i])) {
            token->span = (crm_date_span_t) i;
            return 1;
        }
    }

    return 0;
}


/* Nothing, or a sign and digits; for NOW with a unit behind them. */
static int
predefined_offset(crm_predefined_t *token, crm_str_t text)
{
    size_t  i, end;

    if (text.len == 0) {
        return 1;
    }

    end = text.len;

    if (token->kind == CRM_PREDEFINED_NOW) {
        token->unit = text.data[--end];

        if (token->unit != 'm' && token->unit != 'h' && token->unit != 'd') {
            return 0;
        }
    }

    if (end < 2 || end > 1 + CRM_PREDEFINED_DIGITS
        || (text.data[0] != '+' && text.data[0] != '-'))
    {
        return 0;
    }

    for (i = 1; i < end; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return 0;
        }

        token->n = token->n * 10 + (text.data[i] - '0');
    }

    if (text.data[0] == '-') {
        token->n = -token->n;
    }

    return 1;
}


static crm_moment_t
predefined_now(const crm_predefined_t *token, const crm_scope_t *scope)
{
    long long  us, local, rest, n;

    us = scope->now_ms;
    us = us > PREDEFINED_MAX_MS ? PREDEFINED_MAX_MS
         : us < -PREDEFINED_MAX_MS ? -PREDEFINED_MAX_MS : us;
    us *= 1000;
    n = token->kind == CRM_PREDEFINED_NOW ? token->n : 0;

    switch (token->unit) {

    case 'm':
        us += n * MINUTE_US;
        break;

    case 'h':
        us += n * 60 * MINUTE_US;
        break;

    case 'd':
        rest = ((us % SECOND_US) + SECOND_US) % SECOND_US;
        local = (us - rest) / SECOND_US;
        local += crm_zone_offset(scope->zone, local) + n * CRM_DATE_DAY_S;
        us = crm_zone_utc(scope->zone, local) * SECOND_US + rest;
        break;

    default:
        break;
    }

    return crm_moment_of_us(us, scope->zone);
}
