/*
 * A record that somebody reads, with what holds it laid in.
 */

#include "transform/crm_decorate.h"

#include "decide/crm_approval_right.h"
#include "decide/crm_course.h"
#include "decide/crm_lock.h"
#include "record/crm_splice.h"


typedef struct {
    crm_splice_t         splice;
    const crm_record_t  *record;
    crm_write_t         *write;
    int                  editable;
} decorate_t;


static crm_status_t decorate_lock(decorate_t *d);
static crm_status_t decorate_approval(decorate_t *d);
static crm_status_t decorate_course(decorate_t *d);
static crm_status_t decorate_truth(decorate_t *d, const char *name,
    int truth);
static crm_status_t decorate_text(decorate_t *d, const char *name,
    crm_str_t text);


int
crm_decorate_concerns(const crm_module_t *module)
{
    return module && (module->locking || module->approvals.count
                      || module->blueprints.count);
}


crm_status_t
crm_decorate(crm_str_t *text, crm_str_t body, crm_write_t *write)
{
    decorate_t    d;
    crm_str_t     raw, parts[3];
    crm_status_t  rc;

    d.record = write->before;
    d.write = write;
    d.editable = 1;

    raw = crm_record_raw(d.record);
    crm_splice_init(&d.splice, raw, write->pool);

    rc = write->module->locking ? decorate_lock(&d) : CRM_OK;

    if (rc == CRM_OK && write->module->approvals.count) {
        rc = decorate_approval(&d);
    }
    if (rc == CRM_OK && write->module->blueprints.count) {
        rc = decorate_course(&d);
    }
    if (rc == CRM_OK) {
        rc = decorate_truth(&d, "$editable", d.editable);
    }
    if (rc != CRM_OK) {
        return rc;
    }

    parts[0] = crm_str(body.data, (size_t) (raw.data - body.data));
    parts[1] = crm_splice_apply(&d.splice);
    parts[2] = crm_str(raw.data + raw.len,
                       (size_t) (body.data + body.len - raw.data - raw.len));

    if (parts[1].data == NULL) {
        return CRM_ENOMEM;
    }

    *text = crm_pool_concat(write->pool, parts, 3);

    return text->data ? CRM_OK : CRM_ENOMEM;
}


static crm_status_t
decorate_lock(decorate_t *d)
{
    int                     locked, mine;
    crm_status_t            rc;
    const crm_lock_rule_t  *rule;

    rc = crm_lock_automatic(d->write, &rule);
    if (rc != CRM_OK) {
        return rc;
    }

    locked = rule || (d->write->state && d->write->state->manual.len);
    mine = locked && !crm_lock_excludes(d->write->module->locking,
                                        &d->write->actor);
    d->editable = d->editable && !mine;

    rc = decorate_truth(d, "Locked__s", locked);

    return rc == CRM_OK ? decorate_truth(d, "$locked_for_me", mine) : rc;
}


/* What nobody can read holds the record, as it does for writes. */
static crm_status_t
decorate_approval(decorate_t *d)
{
    unsigned               level;
    crm_status_t           rc;
    crm_write_t           *w;
    const crm_approval_t  *approval;
    crm_approval_state_t   state;

    w = d->write;

    rc = crm_approval_state_parse(&state, w->state ? w->state->approval
                                                   : CRM_STR(""), w->pool);
    if (rc == CRM_ENOMEM) {
        return rc;
    }

    if (rc != CRM_OK) {
        d->editable = 0;
        return decorate_text(d, "$approval_state", CRM_STR("unknown"));
    }

    if (state.status == CRM_APPROVAL_WAITING
        || state.status == CRM_APPROVAL_REJECTED)
    {
        approval = crm_approval_right_find(w->module, state.process);
        rc = crm_approval_right_administers(w, approval) ? CRM_OK
                                                         : CRM_DECLINED;

        for (level = 1; rc != CRM_OK && level <= state.levels_count; level++) {
            rc = crm_approval_right_decides(w, &state, level) ? CRM_OK : rc;
        }

        d->editable = d->editable && rc == CRM_OK;
    }

    return decorate_text(d, "$approval_state",
                         crm_strz(crm_approval_state_name(state.status)));
}


static crm_status_t
decorate_course(decorate_t *d)
{
    crm_status_t   rc;
    crm_course_t  *course;

    rc = crm_course_find(&course, d->write);

    if (rc == CRM_OK) {
        rc = decorate_truth(d, "$process_flow", course->blueprint != NULL);
    }

    return rc != CRM_OK ? rc
           : decorate_text(d, "$state", course->blueprint
                           ? crm_course_state_at(course->blueprint,
                                                 course->state)->name
                           : CRM_STR(""));
}


static crm_status_t
decorate_truth(decorate_t *d, const char *name, int truth)
{
    return crm_splice_set(&d->splice, d->record, crm_strz(name),
                          truth ? CRM_STR("true") : CRM_STR("false"));
}


/* An empty one is null. */
static crm_status_t
decorate_text(decorate_t *d, const char *name, crm_str_t text)
{
    crm_buf_t  buf;

    crm_buf_init(&buf, d->write->pool, 0);

    if (text.len) {
        crm_buf_json(&buf, text);
    } else {
        crm_buf_puts(&buf, "null");
    }

    return crm_buf_status(&buf) == CRM_OK
           ? crm_splice_set(&d->splice, d->record, crm_strz(name),
                            crm_buf_view(&buf))
           : CRM_ENOMEM;
}
