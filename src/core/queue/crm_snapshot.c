/*
 * A snapshot: the record as its last write left it.
 */

#include "queue/crm_snapshot.h"


/* Of the head and of what follows it. */
#define SNAPSHOT_FORMAT  1


static int snapshot_agrees(const crm_event_t *event,
    const crm_record_t *answer);
static int snapshot_same(const crm_event_t *event, const crm_field_t *told);
static void snapshot_record(crm_buf_t *buf, const crm_event_t *event);


int
crm_snapshot_serves(const crm_module_t *module, const crm_dialect_t *dialect)
{
    crm_str_t  version;

    if (!crm_module_concerns(module, CRM_OP_UPDATE)) {
        return 0;
    }

    version = crm_dialect_version_field(dialect);

    return version.len == 0
           || crm_schema_find(&module->schema, version, crm_str_hash(version))
              == CRM_SLOT_NONE;
}


crm_str_t
crm_snapshot_head(const crm_ruleset_t *rules, const crm_dialect_t *dialect,
    crm_str_t epoch, crm_pool_t *pool)
{
    crm_buf_t  buf;
    char       number[64];

    snprintf(number, sizeof(number), " %d %lld %llx ", SNAPSHOT_FORMAT,
             crm_ruleset_revision(rules), crm_dialect_sum(dialect));

    crm_buf_init(&buf, pool, 0);
    crm_buf_str(&buf, epoch);
    crm_buf_puts(&buf, number);
    crm_buf_str(&buf, crm_dialect_name(dialect));
    crm_buf_putc(&buf, '\n');

    return crm_buf_status(&buf) == CRM_OK ? crm_buf_view(&buf) : CRM_STR_NULL;
}


crm_status_t
crm_snapshot_read(crm_record_t *record, crm_str_t snapshot,
    const crm_scan_limits_t *limits, crm_pool_t *pool)
{
    crm_status_t  rc;

    if (snapshot.len == 0) {
        return CRM_EINVAL;
    }

    rc = crm_record_parse(record, snapshot, limits, pool, NULL);

    return rc == CRM_OK || rc == CRM_ENOMEM ? rc : CRM_EINVAL;
}


void
crm_snapshot_keep(crm_event_t *event, crm_str_t head, long long ttl_s,
    const crm_record_t *answer)
{
    crm_buf_t           buf;
    const crm_write_t  *w;

    w = event->write;
    event->snapshot = CRM_STR_NULL;

    if (w->operation != CRM_OP_UPDATE || w->before == NULL
        || head.len + event->record_json.len > CRM_SNAPSHOT_MAX_BYTES
        || !snapshot_agrees(event, answer))
    {
        return;
    }

    crm_buf_init(&buf, w->pool, 0);
    crm_buf_reserve(&buf, head.len + event->record_json.len);
    crm_buf_str(&buf, head);
    snapshot_record(&buf, event);

    event->snapshot_s = crm_pool_printf(w->pool, "%lld", ttl_s);

    if (crm_buf_status(&buf) == CRM_OK && event->snapshot_s.data) {
        event->snapshot = crm_buf_view(&buf);
    }
}


static int
snapshot_agrees(const crm_event_t *event, const crm_record_t *answer)
{
    size_t  i;

    for (i = 0; answer && i < answer->count; i++) {
        if (!snapshot_same(event, &answer->fields[i])) {
            return 0;
        }
    }

    return 1;
}


/* Does a field that rules read hold what the answer shows? */
static int
snapshot_same(const crm_event_t *event, const crm_field_t *told)
{
    int                 same;
    crm_value_t         ours, theirs;
    crm_status_t        rc;
    const crm_write_t  *w;
    const crm_field_t  *field;

    w = event->write;

    if (crm_schema_find(&w->module->schema, told->name, told->hash)
        == CRM_SLOT_NONE)
    {
        return 1;
    }

    field = crm_record_field(&event->record, told->name);
    if (field == NULL) {
        return 0;
    }

    rc = crm_value_from_span(&ours, field->value, w->pool);
    if (rc == CRM_OK) {
        rc = crm_value_from_span(&theirs, told->value, w->pool);
    }
    if (rc == CRM_OK) {
        rc = crm_write_same(w, told->name, told->hash, &ours, &theirs, &same);
    }

    return rc == CRM_OK && same;
}


/* All but when it was written last: that is another time now. */
static void
snapshot_record(crm_buf_t *buf, const crm_event_t *event)
{
    size_t                i;
    crm_str_t             version;
    crm_record_t          kept;
    const crm_record_t   *record;

    record = &event->record;
    version = crm_dialect_version_field(event->write->dialect);

    if (version.len == 0 || crm_record_field(record, version) == NULL) {
        crm_buf_str(buf, event->record_json);
        return;
    }

    kept = *record;
    kept.count = 0;
    kept.fields = crm_pool_alloc(event->write->pool, record->count
                                                     * sizeof(crm_field_t));
    if (kept.fields == NULL) {
        buf->status = CRM_ENOMEM;
        return;
    }

    for (i = 0; i < record->count; i++) {
        if (!crm_str_eq(record->fields[i].name, version)) {
            kept.fields[kept.count++] = record->fields[i];
        }
    }

    crm_image_encode(buf, &kept, NULL);
}
