/*
 * An image of a record, by slot, and the whole of it as JSON.
 */

#include "record/crm_image.h"

#include <stdlib.h>


/* So few fields are sought one by one; for more an index pays. */
#define IMAGE_FEW  4


static crm_status_t image_lay(crm_image_t *image, const crm_schema_t *schema,
    const crm_record_t *record, int topmost, crm_pool_t *pool);
static const crm_field_t **image_index(crm_pool_t *pool,
    const crm_record_t *record);
static size_t image_find(const crm_field_t **index,
    const crm_record_t *record, const crm_field_t *field);
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
    size_t               i, n, at;
    const crm_field_t  **index;

    index = NULL;
    n = (under ? under->count : 0) + (over ? over->count : 0);

    memset(merged, 0, sizeof(crm_record_t));
    merged->fields = crm_pool_alloc(pool, (n + 1) * sizeof(crm_field_t));

    if (merged->fields == NULL) {
        return CRM_ENOMEM;
    }

    if (under && under->count) {
        memcpy(merged->fields, under->fields,
               under->count * sizeof(crm_field_t));
        merged->count = under->count;

        if (over && over->count > IMAGE_FEW) {
            index = image_index(pool, under);
            if (index == NULL) {
                return CRM_ENOMEM;
            }
        }
    }

    for (i = 0; over && i < over->count; i++) {
        at = under ? image_find(index, under, &over->fields[i]) : 0;

        if (under == NULL || at == under->count) {
            at = merged->count++;
        }

        merged->fields[at] = over->fields[i];
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
 * their number, so that neither pairs nor a table of hashes would do. NULL
 * without memory. */
static const crm_field_t **
image_index(crm_pool_t *pool, const crm_record_t *record)
{
    size_t               i;
    const crm_field_t  **index;

    index = crm_pool_alloc(pool, record->count * sizeof(*index));
    if (index == NULL) {
        return NULL;
    }

    for (i = 0; i < record->count; i++) {
        index[i] = &record->fields[i];
    }

    qsort(index, record->count, sizeof(*index), image_cmp);

    return index;
}


/* Where the record has a field of that name, or the number of its fields. */
static size_t
image_find(const crm_field_t **index, const crm_record_t *record,
    const crm_field_t *field)
{
    size_t               i;
    const crm_field_t  **found;

    if (index) {
        found = bsearch(&field, index, record->count, sizeof(*index),
                        image_cmp);
        return found ? (size_t) (*found - record->fields) : record->count;
    }

    for (i = 0; i < record->count; i++) {
        if (record->fields[i].hash == field->hash
            && crm_str_eq(record->fields[i].name, field->name))
        {
            break;
        }
    }

    return i;
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
