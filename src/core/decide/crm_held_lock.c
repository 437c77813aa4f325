/*
 * Why a record is locked, for whom, and what would unlock it.
 */

#include "decide/crm_held_kind.h"


/* What was locked, for the words about it. */
typedef struct {
    crm_truth_t  locked;
    size_t       count;             /* of locks in the list */
    int          automatic;
} lock_found_t;

/* A locking rule, and what it says of this record. */
typedef struct {
    const crm_lock_rule_t  *rule;
    int                     marked;
    crm_truth_t             matches;
    crm_truth_t             locks;
    crm_str_t              *fields;     /* that it reads */
    size_t                  fields_count;
    int                     has_since;
    crm_record_t            since;
} lock_rule_t;


static crm_status_t lock_manual(crm_held_doc_t *d, lock_found_t *found);
static crm_status_t lock_automatic(crm_held_doc_t *d, lock_found_t *found);
static crm_status_t lock_rule(crm_held_doc_t *d, lock_found_t *found,
    const crm_lock_rule_t *rule);
static void lock_rule_write(crm_held_doc_t *d, const lock_rule_t *r);
static void lock_rule_say(crm_held_doc_t *d, lock_found_t *found,
    const lock_rule_t *r);
static void lock_since(crm_held_doc_t *d, const lock_rule_t *r);
static crm_truth_t lock_stands(crm_held_doc_t *d, const lock_rule_t *r);
static int lock_marked(crm_held_doc_t *d, crm_str_t rule);
static int lock_mark_names(crm_held_doc_t *d, crm_str_t mark, crm_str_t rule);
static crm_status_t lock_reads(crm_held_doc_t *d, lock_rule_t *r);
static crm_str_t lock_field(crm_held_doc_t *d, unsigned slot);
static void lock_way_out(crm_held_doc_t *d);
static void lock_for_user(crm_held_doc_t *d, const lock_found_t *found);
static int lock_excludes(const crm_locking_t *locking, crm_str_t profile);


/* By the bits of CRM_RESTRICT_..., the lowest first. */
static const char *const  restricted[] = {
    "update", "delete", "change_owner", "tags", "convert"
};


crm_status_t
crm_held_lock(crm_held_doc_t *d)
{
    size_t                i, n;
    crm_status_t          rc;
    lock_found_t          found;
    const crm_locking_t  *locking;

    memset(&found, 0, sizeof(lock_found_t));
    locking = d->module ? d->module->locking : NULL;

    crm_buf_puts(d->buf, ",\"locks\":[");

    rc = lock_manual(d, &found);
    if (rc == CRM_OK) {
        rc = lock_automatic(d, &found);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    crm_buf_putc(d->buf, ']');
    crm_held_truth(d, "locked", found.locked);
    lock_for_user(d, &found);

    crm_buf_puts(d->buf, ",\"restricted\":[");

    for (i = 0, n = 0; locking && i < sizeof(restricted)
                                      / sizeof(restricted[0]); i++)
    {
        if (locking->restricted & (1u << i)) {
            crm_buf_puts(d->buf, n++ ? ",\"" : "\"");
            crm_buf_puts(d->buf, restricted[i]);
            crm_buf_putc(d->buf, '"');
        }
    }

    crm_buf_puts(d->buf, "],\"open_fields\":");
    crm_held_list(d, locking ? locking->fields : NULL,
                  locking ? locking->fields_count : 0);
    crm_buf_puts(d->buf, ",\"excluded_profiles\":");
    crm_held_list(d, locking ? locking->profiles : NULL,
                  locking ? locking->profiles_count : 0);

    return CRM_OK;
}


static crm_status_t
lock_manual(crm_held_doc_t *d, lock_found_t *found)
{
    crm_str_t     by, at, reason;
    crm_record_t  manual;
    crm_status_t  rc;

    rc = crm_held_state(&manual, d, "manual");
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    /* what nobody can read is a lock nevertheless: the gate says so, too */

    if (crm_holds_field(d->in->holds, "manual").len == 0) {
        return CRM_OK;
    }

    if (rc != CRM_OK) {
        memset(&manual, 0, sizeof(crm_record_t));
    }

    found->count++;
    found->locked = CRM_TRUE;

    crm_buf_puts(d->buf, "{\"source\":\"manual\"");
    crm_held_copy(d, &manual, "id");
    crm_held_copy(d, &manual, "reason");
    crm_held_copy(d, &manual, "by");
    crm_held_copy(d, &manual, "at");
    crm_held_copy(d, &manual, "event");
    crm_buf_putc(d->buf, '}');

    by = crm_held_person(d, crm_held_text(&manual, "by", d->pool));
    at = crm_held_time(d, crm_held_text(&manual, "at", d->pool));
    reason = crm_held_text(&manual, "reason", d->pool);

    crm_held_say(d, "locked by %.*s since %.*s: %.*s", (int) by.len, by.data,
                 (int) at.len, at.data, (int) reason.len, reason.data);
    crm_held_say(d, "to unlock: crmctl locks release %.*s/%.*s, or DELETE"
                 " /crm_api/locks/%.*s/%.*s",
                 (int) d->in->record.module.len, d->in->record.module.data,
                 (int) d->in->record.id.len, d->in->record.id.data,
                 (int) d->in->record.module.len, d->in->record.module.data,
                 (int) d->in->record.id.len, d->in->record.id.data);

    return CRM_OK;
}


static crm_status_t
lock_automatic(crm_held_doc_t *d, lock_found_t *found)
{
    size_t                i;
    crm_status_t          rc;
    const crm_locking_t  *locking;

    locking = d->module ? d->module->locking : NULL;

    for (i = 0; locking && i < locking->rules_count; i++) {
        rc = lock_rule(d, found, &locking->rules[i]);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    if (found->automatic) {
        lock_way_out(d);
    }

    return CRM_OK;
}


/* A rule that neither matches nor is marked has nothing to do with it. */
static crm_status_t
lock_rule(crm_held_doc_t *d, lock_found_t *found, const crm_lock_rule_t *rule)
{
    lock_rule_t   r;
    crm_status_t  rc;

    r.rule = rule;
    r.marked = lock_marked(d, rule->name);
    r.matches = d->write.before ? crm_eval_criteria(&d->write.stored_eval,
                                                    &rule->criteria)
                : d->in->gone ? CRM_FALSE : CRM_MAYBE;
    r.locks = lock_stands(d, &r);

    if (r.locks == CRM_FALSE && !r.marked && r.matches != CRM_TRUE) {
        return d->write.stored_eval.status;
    }

    rc = lock_reads(d, &r);
    if (rc != CRM_OK) {
        return rc;
    }

    rc = r.marked ? crm_held_state(&r.since, d, CRM_STATE_LOCK_BY)
         : CRM_DECLINED;
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    r.has_since = rc == CRM_OK;

    crm_buf_puts(d->buf, found->count++ ? "," : "");
    lock_rule_write(d, &r);
    lock_rule_say(d, found, &r);

    return CRM_OK;
}


static void
lock_rule_write(crm_held_doc_t *d, const lock_rule_t *r)
{
    crm_buf_puts(d->buf, "{\"source\":\"automatic\",\"rule\":");
    crm_buf_json(d->buf, r->rule->name);
    crm_held_truth(d, "matches", r->matches);
    crm_held_truth(d, "marked", r->marked ? CRM_TRUE : CRM_FALSE);
    crm_held_truth(d, "existing", r->rule->existing ? CRM_TRUE : CRM_FALSE);
    crm_held_truth(d, "locks", r->locks);
    crm_buf_puts(d->buf, ",\"reads\":");
    crm_held_list(d, r->fields, r->fields_count);

    if (r->has_since) {
        crm_held_copy(d, &r->since, "at");
        crm_held_copy(d, &r->since, "event");
        crm_buf_putc(d->buf, '}');

    } else {
        crm_buf_puts(d->buf, ",\"at\":null,\"event\":null}");
    }
}


static void
lock_rule_say(crm_held_doc_t *d, lock_found_t *found, const lock_rule_t *r)
{
    crm_str_t  name, list;

    name = r->rule->name;
    list = crm_held_enumerate(d, r->fields, r->fields_count, "no field");

    if (r->locks == CRM_TRUE) {
        found->automatic = 1;
        found->locked = CRM_TRUE;
        crm_held_say(d, "locked by the rule \"%.*s\", which looks at %.*s",
                     (int) name.len, name.data, (int) list.len, list.data);
        lock_since(d, r);

    } else if (r->locks == CRM_MAYBE) {
        if (found->locked == CRM_FALSE) {
            found->locked = CRM_MAYBE;
        }
        crm_held_say(d, "the rule \"%.*s\" may lock it: only the stored"
                     " record tells (%.*s); name the CRM with --backend URL,"
                     " or ask nginx with --server URL", (int) name.len,
                     name.data, (int) list.len, list.data);

    } else if (r->matches == CRM_TRUE) {
        crm_held_say(d, "the rule \"%.*s\" matches and does not lock it: no"
                     " write through here made it match, and"
                     " lock_existing_records is false", (int) name.len,
                     name.data);
    }
}


static void
lock_since(crm_held_doc_t *d, const lock_rule_t *r)
{
    crm_str_t  at, event;

    if (r->has_since) {
        at = crm_held_time(d, crm_held_text(&r->since, "at", d->pool));
        event = crm_held_text(&r->since, "event", d->pool);

        crm_held_say(d, "since %.*s, through event %.*s", (int) at.len,
                     at.data, (int) event.len, event.data);

    } else if (!r->marked) {
        crm_held_say(d, "since before any write of it came through here"
                     " (lock_existing_records)");
    }
}


/* As the gate sees it: what nobody could learn of a stored record locks. */
static crm_truth_t
lock_stands(crm_held_doc_t *d, const lock_rule_t *r)
{
    if (!r->rule->existing && !r->marked) {
        return CRM_FALSE;
    }

    return r->matches == CRM_MAYBE && d->write.before ? CRM_TRUE : r->matches;
}


/* By a write that is done, or one that may be. */
static int
lock_marked(crm_held_doc_t *d, crm_str_t rule)
{
    size_t                    i, len;
    const crm_holds_field_t  *field;

    len = sizeof(CRM_STATE_MAYBE) - 1;

    for (i = 0; i < d->in->holds->n_fields; i++) {
        field = &d->in->holds->fields[i];

        if ((crm_str_is(field->name, CRM_STATE_LOCK)
             || (field->name.len > len
                 && memcmp(field->name.data, CRM_STATE_MAYBE, len) == 0))
            && lock_mark_names(d, field->value, rule))
        {
            return 1;
        }
    }

    return 0;
}


static int
lock_mark_names(crm_held_doc_t *d, crm_str_t mark, crm_str_t rule)
{
    size_t        cursor;
    crm_scan_t    scan;
    crm_span_t    list, name;
    crm_error_t   err;

    crm_scan_init(&scan, mark, NULL, d->pool);

    if (crm_scan_value(&scan, &list, &err) != CRM_OK
        || list.type != CRM_JSON_ARRAY)
    {
        return 0;
    }

    for (cursor = 0; crm_span_next(list, &cursor, NULL, &name); ) {
        if (name.type == CRM_JSON_STRING && crm_span_is(name, rule)) {
            return 1;
        }
    }

    return 0;
}


/* The fields that its criteria look at, each once. */
static crm_status_t
lock_reads(crm_held_doc_t *d, lock_rule_t *r)
{
    size_t                 i, k;
    crm_str_t              name;
    const crm_node_t      *node;
    const crm_criteria_t  *criteria;

    criteria = &r->rule->criteria;
    r->fields_count = 0;
    r->fields = crm_pool_calloc(d->pool, criteria->count + 1,
                                sizeof(crm_str_t));
    if (r->fields == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; criteria->nodes && i < criteria->count; i++) {
        node = &criteria->nodes[i];

        if (node->type != CRM_NODE_LEAF) {
            continue;
        }

        name = lock_field(d, d->module->predicates.items[node->predicate]
                             ->slot);

        for (k = 0; k < r->fields_count; k++) {
            if (crm_str_eq(r->fields[k], name)) {
                break;
            }
        }

        if (name.len && k == r->fields_count) {
            r->fields[r->fields_count++] = name;
        }
    }

    return CRM_OK;
}


static crm_str_t
lock_field(crm_held_doc_t *d, unsigned slot)
{
    size_t                  i;
    const crm_map_entry_t  *entries;

    entries = d->module->schema.names.entries;

    for (i = 0; i < d->module->schema.names.count; i++) {
        if ((uintptr_t) entries[i].value == (uintptr_t) slot + 1) {
            return entries[i].key;
        }
    }

    return CRM_STR("");
}


static void
lock_way_out(crm_held_doc_t *d)
{
    crm_str_t             profiles, fields;
    const crm_locking_t  *locking;

    locking = d->module->locking;
    profiles = crm_held_enumerate(d, locking->profiles,
                                  locking->profiles_count, "");
    fields = crm_held_enumerate(d, locking->fields, locking->fields_count,
                                "");

    crm_held_say(d, "an automatic lock goes when a write makes its rule match"
                 " no more: %s%.*s%sautomation whose rule says ignore_lock can"
                 " make one", profiles.len ? "users of the profile " : "",
                 (int) profiles.len, profiles.data, profiles.len ? ", and "
                                                    : "");

    if (fields.len) {
        crm_held_say(d, "everybody may write %.*s all the same",
                     (int) fields.len, fields.data);
    }
}


static void
lock_for_user(crm_held_doc_t *d, const lock_found_t *found)
{
    crm_str_t     who;
    crm_actor_t   actor;
    crm_truth_t   truth;

    truth = found->locked;
    actor = crm_ruleset_actor(d->in->rules, d->in->user);

    if (d->in->user.len == 0) {
        truth = CRM_MAYBE;

    } else if (d->module && d->module->locking && truth != CRM_FALSE
               && lock_excludes(d->module->locking, actor.profile))
    {
        truth = CRM_FALSE;
        who = crm_held_person(d, d->in->user);
        crm_held_say(d, "not locked for %.*s: the profile %.*s is excluded",
                     (int) who.len, who.data, (int) actor.profile.len,
                     actor.profile.data);
    }

    if (found->count == 0 && found->locked == CRM_FALSE && d->module
        && d->module->locking)
    {
        crm_held_say(d, "not locked");
    }

    crm_held_truth(d, "locked_for_user", truth);
}


static int
lock_excludes(const crm_locking_t *locking, crm_str_t profile)
{
    size_t  i;

    for (i = 0; profile.len && i < locking->profiles_count; i++) {
        if (crm_str_eq(locking->profiles[i], profile)) {
            return 1;
        }
    }

    return 0;
}
