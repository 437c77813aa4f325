/*
 * Why a record is as it is: who is asked to approve it, and which transitions
 * of its blueprint are open.
 */

#include "decide/crm_held_kind.h"

#include "rules/crm_approval.h"
#include "rules/crm_blueprint.h"


/* Who are named of those who are asked: the others are some more. */
#define PROCESS_MAX_ASKED  100

static crm_status_t approval_asked(crm_held_doc_t *d,
    const crm_record_t *state, crm_who_t *asked, size_t *levels);
static int approval_given(const crm_record_t *state, crm_str_t id);
static void approval_say(crm_held_doc_t *d, const crm_record_t *state,
    const crm_who_t *asked, size_t levels);
static const crm_blueprint_t *blueprint_find(crm_held_doc_t *d,
    crm_str_t name);
static int blueprint_open(const crm_blueprint_t *blueprint,
    const crm_transition_t *transition, crm_str_t state);
static void blueprint_next(crm_held_doc_t *d,
    const crm_transition_t *transition, const crm_blueprint_t *blueprint);
static crm_truth_t blueprint_may(crm_held_doc_t *d,
    const crm_transition_t *transition);


crm_status_t
crm_held_process_approval(crm_held_doc_t *d)
{
    size_t        i, levels;
    crm_who_t     asked;
    crm_record_t  state;
    crm_status_t  rc;

    crm_buf_puts(d->buf, ",\"approval\":");

    rc = crm_held_state(&state, d, "approval");
    if (rc != CRM_OK) {
        crm_buf_puts(d->buf, "null");
        return rc == CRM_DECLINED ? CRM_OK : rc;
    }

    rc = approval_asked(d, &state, &asked, &levels);
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_puts(d->buf, "{\"process\":");
    crm_buf_json(d->buf, crm_held_text(&state, "process", d->pool));
    crm_held_copy(d, &state, "state");
    crm_held_copy(d, &state, "level");
    crm_buf_puts(d->buf, ",\"levels\":");
    crm_buf_int(d->buf, (long long) levels);
    crm_buf_puts(d->buf, ",\"asked\":[");

    for (i = 0; i < asked.count; i++) {
        crm_buf_puts(d->buf, i ? ",{\"id\":" : "{\"id\":");
        crm_buf_json(d->buf, asked.ids[i]);
        crm_buf_puts(d->buf, ",\"name\":");
        crm_buf_json(d->buf, crm_held_person(d, asked.ids[i]));
        crm_buf_putc(d->buf, '}');
    }

    crm_buf_putc(d->buf, ']');
    crm_held_copy(d, &state, "given");
    crm_held_copy(d, &state, "submitter");
    crm_held_copy(d, &state, "at");
    crm_held_copy(d, &state, "event");
    crm_buf_putc(d->buf, '}');

    approval_say(d, &state, &asked, levels);

    return CRM_OK;
}


/* Those of its level who are still there and have not said a word yet, while
 * it waits. */
static crm_status_t
approval_asked(crm_held_doc_t *d, const crm_record_t *state,
    crm_who_t *asked, size_t *levels)
{
    size_t              cursor, at;
    crm_str_t           id, level, now;
    crm_span_t          list, one;
    const crm_field_t  *field;

    *levels = 0;
    asked->count = 0;
    asked->ids = crm_pool_calloc(d->pool, PROCESS_MAX_ASKED, sizeof(crm_str_t));
    if (asked->ids == NULL) {
        return CRM_ENOMEM;
    }

    field = crm_record_field(state, CRM_STR("approvers"));
    now = crm_held_text(state, "level", d->pool);

    for (cursor = 0; field && field->value.type == CRM_JSON_ARRAY
                     && crm_span_next(field->value, &cursor, NULL, &list); )
    {
        level = crm_pool_printf(d->pool, "%zu", ++*levels);
        if (level.data == NULL) {
            return CRM_ENOMEM;
        }

        for (at = 0; crm_str_eq(level, now) && list.type == CRM_JSON_ARRAY
                     && asked->count < PROCESS_MAX_ASKED
                     && crm_span_next(list, &at, NULL, &one); )
        {
            id = one.type == CRM_JSON_STRING ? crm_span_text(one, d->pool)
                 : CRM_STR("");
            if (id.data == NULL) {
                return CRM_ENOMEM;
            }

            if (crm_who_active(d->in->rules, id)
                && !approval_given(state, id))
            {
                asked->ids[asked->count++] = id;
            }
        }
    }

    if (!crm_str_is(crm_held_text(state, "state", d->pool), "waiting")) {
        asked->count = 0;
    }

    return CRM_OK;
}


static int
approval_given(const crm_record_t *state, crm_str_t id)
{
    size_t              cursor;
    crm_span_t          one, user;
    const crm_field_t  *field;

    field = crm_record_field(state, CRM_STR("given"));

    for (cursor = 0; field && field->value.type == CRM_JSON_ARRAY
                     && crm_span_next(field->value, &cursor, NULL, &one); )
    {
        user = one.type == CRM_JSON_OBJECT
               ? crm_span_member(one, CRM_STR("user")) : one;

        if (user.type == CRM_JSON_STRING && crm_span_is(user, id)) {
            return 1;
        }
    }

    return 0;
}


static void
approval_say(crm_held_doc_t *d, const crm_record_t *state,
    const crm_who_t *asked, size_t levels)
{
    size_t     i;
    crm_str_t  process, word, level, at, who;
    crm_who_t  names;

    process = crm_held_text(state, "process", d->pool);
    word = crm_held_text(state, "state", d->pool);
    level = crm_held_text(state, "level", d->pool);
    at = crm_held_time(d, crm_held_text(state, "at", d->pool));

    names.ids = crm_pool_calloc(d->pool, asked->count + 1, sizeof(crm_str_t));

    for (i = 0; names.ids && i < asked->count; i++) {
        names.ids[i] = crm_held_person(d, asked->ids[i]);
    }

    who = crm_held_enumerate(d, names.ids, names.ids ? asked->count : 0,
                             "an administrator of the process");

    if (crm_str_is(word, "waiting")) {
        crm_held_say(d, "waits since %.*s for the approval \"%.*s\", level"
                     " %.*s of %zu: asked is %.*s", (int) at.len, at.data,
                     (int) process.len, process.data, (int) level.len,
                     level.data, levels, (int) who.len, who.data);

    } else {
        crm_held_say(d, "the approval \"%.*s\" has %.*s it",
                     (int) process.len, process.data, (int) word.len,
                     word.data);
    }
}


crm_status_t
crm_held_process_blueprint(crm_held_doc_t *d)
{
    size_t                  i, n;
    crm_str_t               name, now, at;
    crm_record_t            state;
    crm_status_t            rc;
    const crm_blueprint_t  *blueprint;

    crm_buf_puts(d->buf, ",\"blueprint\":");

    rc = crm_held_state(&state, d, "blueprint");
    if (rc != CRM_OK) {
        crm_buf_puts(d->buf, "null");
        return rc == CRM_DECLINED ? CRM_OK : rc;
    }

    name = crm_held_text(&state, "blueprint", d->pool);
    now = crm_held_text(&state, "state", d->pool);
    at = crm_held_time(d, crm_held_text(&state, "since", d->pool));
    blueprint = blueprint_find(d, name);

    crm_buf_puts(d->buf, "{\"blueprint\":");
    crm_buf_json(d->buf, name);
    crm_held_copy(d, &state, "state");
    crm_held_copy(d, &state, "since");
    crm_held_copy(d, &state, "event");
    crm_buf_puts(d->buf, ",\"next\":[");

    crm_held_say(d, "in the state \"%.*s\" of the blueprint \"%.*s\" since"
                 " %.*s", (int) now.len, now.data, (int) name.len, name.data,
                 (int) at.len, at.data);

    for (i = 0, n = 0; blueprint && i < blueprint->transitions_count; i++) {
        if (blueprint_open(blueprint, &blueprint->transitions[i], now)) {
            crm_buf_puts(d->buf, n++ ? "," : "");
            blueprint_next(d, &blueprint->transitions[i], blueprint);
        }
    }

    crm_buf_puts(d->buf, "]}");

    if (blueprint == NULL) {
        crm_held_say(d, "the rules know no blueprint of that name any more:"
                     " the field is free");

    } else if (n == 0) {
        crm_held_say(d, "no transition leads away from there");
    }

    return CRM_OK;
}


static const crm_blueprint_t *
blueprint_find(crm_held_doc_t *d, crm_str_t name)
{
    size_t                  i;
    const crm_blueprint_t  *blueprint;

    for (i = 0; d->module && i < d->module->blueprints.count; i++) {
        blueprint = d->module->blueprints.items[i];

        if (crm_str_eq(blueprint->name, name)) {
            return blueprint;
        }
    }

    return NULL;
}


static int
blueprint_open(const crm_blueprint_t *blueprint,
    const crm_transition_t *transition, crm_str_t state)
{
    size_t  i;

    for (i = 0; i < transition->from_count; i++) {
        if (crm_str_eq(blueprint->states.entries[transition->from[i]].key,
                       state))
        {
            return 1;
        }
    }

    return transition->common;
}


static void
blueprint_next(crm_held_doc_t *d, const crm_transition_t *transition,
    const crm_blueprint_t *blueprint)
{
    size_t       i, n;
    crm_str_t    to;
    crm_truth_t  may;

    to = blueprint->states.entries[transition->to].key;
    may = blueprint_may(d, transition);

    crm_buf_puts(d->buf, "{\"id\":");
    crm_buf_json(d->buf, transition->id);
    crm_buf_puts(d->buf, ",\"name\":");
    crm_buf_json(d->buf, transition->name);
    crm_buf_puts(d->buf, ",\"to\":");
    crm_buf_json(d->buf, to);
    crm_held_truth(d, "may", may);
    crm_held_truth(d, "automatic", transition->automatic ? CRM_TRUE
                                                         : CRM_FALSE);
    crm_buf_puts(d->buf, ",\"needs\":[");

    for (i = 0, n = 0; i < transition->during_count; i++) {
        if (transition->during[i].required) {
            crm_buf_puts(d->buf, n++ ? "," : "");
            crm_buf_json(d->buf, transition->during[i].field);
        }
    }

    crm_buf_puts(d->buf, "]}");

    crm_held_say(d, "next: \"%.*s\" (%.*s) leads to \"%.*s\"%s%s",
                 (int) transition->name.len, transition->name.data,
                 (int) transition->id.len, transition->id.data, (int) to.len,
                 to.data, transition->automatic ? ", by itself" : "",
                 may == CRM_FALSE ? ", but not for this user or record" : "");
}


/* Unknown where neither a user is named nor the record was read, as far as
 * the transition asks for them. */
static crm_truth_t
blueprint_may(crm_held_doc_t *d, const crm_transition_t *transition)
{
    crm_truth_t  met;

    if (transition->owners_count && d->in->user.len
        && !crm_who_is(d->in->rules, transition->owners,
                       transition->owners_count, &d->near, d->in->user))
    {
        return d->write.before ? CRM_FALSE : CRM_MAYBE;
    }

    met = d->write.before ? crm_eval_criteria(&d->write.stored_eval,
                                              &transition->criteria)
          : transition->criteria.nodes ? CRM_MAYBE : CRM_TRUE;

    return met == CRM_TRUE && transition->owners_count
           && d->in->user.len == 0 ? CRM_MAYBE : met;
}
