/*
 * An image of a record, by slot, and the whole of it as JSON.
 */

#include "record/crm_image.h"

#include <stdlib.h>


/* Up to here one look after the other is quicker than halving. */
#define IMAGE_FEW  4


static crm_status_t image_lay(crm_image_t *image, const crm_schema_t *schema,
    const crm_record_t *record, int topmost, crm_pool_t *pool);
static int image_index(crm_pool_t *pool, const crm_record_t *record,
    const crm_field_t ***index, uint8_t **used);
static const crm_field_t **image_find(const crm_field_t **index,
    size_t count, const crm_field_t *field);
static int image_cmp(const void *one, const void *two);


crm_status_t
crm_image_build(crm_image_t *image, const crm_schema_t *schema,
    const crm_record_t *under, const crm_record_t *over,
    crm_value_type_t absent, crm_pool_t *pool)
{
    unsigned      i;
    crm_status_t  rc;

    image->count = schema->count;
    image->slots = crm_pool_calloc(pool, image->count, sizeof(crm_value_t));
    image->given = crm_pool_calloc(pool, image->count, 1);

    if (image->slots == NULL || image->given == NULL) {
        return CRM_ENOMEM;
    }

    for (i = 0; i < image->count; i++) {
        image->slots[i].type = absent;
    }

    if (over) {
        rc = image_lay(image, schema, over, 1, pool);
        if (rc != CRM_OK) {
            return rc;
        }
    }

    return under ? image_lay(image, schema, under, over == NULL, pool)
                 : CRM_OK;
}


crm_status_t
crm_image_merge(crm_record_t *merged, const crm_record_t *under,
    const crm_record_t *over, crm_pool_t *pool)
{
    size_t               i, n;
    uint8_t             *used;
    const crm_field_t   *field, **found, **index;

    used = NULL;
    index = NULL;
    n = (under ? under->count : 0) + (over ? over->count : 0);

    memset(merged, 0, sizeof(crm_record_t));
    merged->fields = crm_pool_alloc(pool, (n + 1) * sizeof(crm_field_t));

    if (merged->fields == NULL
        || (over && under && !image_index(pool, over, &index, &used)))
    {
        return CRM_ENOMEM;
    }

    for (i = 0; under && i < under->count; i++) {
        field = &under->fields[i];

        found = index ? image_find(index, over->count, field) : NULL;
        if (found) {
            used[*found - over->fields] = 1;
            field = *found;
        }

        merged->fields[merged->count++] = *field;
    }

    for (i = 0; over && i < over->count; i++) {
        if (used == NULL || !used[i]) {
            merged->fields[merged->count++] = over->fields[i];
        }
    }

    return CRM_OK;
}


void
crm_image_encode(crm_buf_t *buf, const crm_record_t *under,
    const crm_record_t *over)
{
    size_t         i;
    crm_record_t   merged;

    if (under && over) {
        if (crm_image_merge(&merged, under, over, buf->pool) != CRM_OK) {
            if (buf->status == CRM_OK) {
                buf->status = CRM_ENOMEM;
            }
            return;
        }

        under = &merged;

    } else if (under == NULL) {
        under = over;
    }

    crm_buf_putc(buf, '{');

    for (i = 0; under && i < under->count; i++) {
        if (i) {
            crm_buf_putc(buf, ',');
        }

        crm_buf_json(buf, under->fields[i].name);
        crm_buf_putc(buf, ':');
        crm_buf_str(buf, crm_span_raw(under->fields[i].value));
    }

    crm_buf_putc(buf, '}');
}


/* Fills the slots that no record above this one has filled. */
static crm_status_t
image_lay(crm_image_t *image, const crm_schema_t *schema,
    const crm_record_t *record, int topmost, crm_pool_t *pool)
{
    size_t              i;
    unsigned            slot;
    crm_status_t        rc;
    const crm_field_t  *field;

    for (i = 0; i < record->count; i++) {
        field = &record->fields[i];

        slot = crm_schema_find(schema, field->name, field->hash);

        if (slot == CRM_SLOT_NONE || slot >= image->count
            || image->given[slot])
        {
            continue;
        }

        rc = crm_value_from_span(&image->slots[slot], field->value, pool);
        if (rc != CRM_OK) {
            return rc;
        }

        image->given[slot] = (uint8_t) topmost;
    }

    return CRM_OK;
}


/* The fields in order of hash and name: a client chooses both their names and
 * their number, so that neither pairs nor a table of hashes would do. */
static int
image_index(crm_pool_t *pool, const crm_record_t *record,
    const crm_field_t ***index, uint8_t **used)
{
    size_t  i;

    *index = crm_pool_calloc(pool, record->count, sizeof(**index));
    *used = crm_pool_calloc(pool, record->count, 1);

    if (*index == NULL || *used == NULL) {
        return 0;
    }

    for (i = 0; i < record->count; i++) {
        (*index)[i] = &record->fields[i];
    }

    qsort(*index, record->count, sizeof(**index), image_cmp);

    return 1;
}


static const crm_field_t **
image_find(const crm_field_t **index, size_t count, const crm_field_t *field)
{
    size_t  i;

    if (count > IMAGE_FEW) {
        return bsearch(&field, index, count, sizeof(*index), image_cmp);
    }

    for (i = 0; i < count; i++) {
        if (index[i]->hash == field->hash
            && crm_str_eq(index[i]->name, field->name))
        {
            return &index[i];
        }
    }

    return NULL;
}


static int
image_cmp(const void *one, const void *two)
{
    const crm_field_t  *a, *b;

    a = *(const crm_field_t *const *) one;
    b = *(const crm_field_t *const *) two;

    if (a->hash != b->hash) {
        return a->hash < b->hash ? -1 : 1;
    }

    return crm_str_cmp(a->name, b->name);
}
