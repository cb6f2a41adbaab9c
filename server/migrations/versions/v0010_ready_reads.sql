CREATE FUNCTION pg_temp.ready(layer text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    others text;
BEGIN
    SELECT string_agg('p.' || quote_ident(attname), ', ' ORDER BY attnum) INTO others
    FROM pg_attribute
    WHERE attrelid = format('%I_public', layer)::regclass AND attnum > 0 AND NOT attisdropped
        AND attname NOT IN ('id', 'geom', 'geometry', 'properties', 'detail');
    -- What a page reads is kept unpacked (|| unpacks what was packed): unpacking the texts of a page
    -- takes as long as finding it. Hence the target, too: below it, three rows to a page,
    -- nothing is packed.
    EXECUTE format(
        'CREATE TABLE ready AS SELECT p.id, p.geom, p.geometry || '''' AS geometry,'
        ' p.properties || '''' AS properties, t.geometry_z14 || '''' AS geometry_z14,'
        ' t.geometry_z12, t.geometry_z10, %s, p.detail'
        ' FROM %I_public p LEFT JOIN %I_tiles t ON t.id = p.id WITH NO DATA',
        others, layer, layer);
    ALTER TABLE ready SET (toast_tuple_target = 2700);
    ALTER TABLE ready ALTER geom SET STORAGE MAIN, ALTER geometry SET STORAGE MAIN,
        ALTER properties SET STORAGE MAIN, ALTER geometry_z14 SET STORAGE MAIN;
    EXECUTE format(
        'INSERT INTO ready SELECT p.id, p.geom, p.geometry || '''', p.properties || '''','
        ' t.geometry_z14 || '''', t.geometry_z12, t.geometry_z10, %s, p.detail'
        ' FROM %I_public p LEFT JOIN %I_tiles t ON t.id = p.id ORDER BY p.id',
        others, layer, layer);
    EXECUTE format('DROP TABLE %I_public', layer);
    EXECUTE format('ALTER TABLE ready RENAME TO %I_public', layer);
    EXECUTE format(
        'ALTER TABLE %I_public ADD CONSTRAINT pk_%s_public PRIMARY KEY (id),'
        ' ALTER version SET NOT NULL, ALTER geom SET NOT NULL, ALTER geometry SET NOT NULL,'
        ' ALTER properties SET NOT NULL, ALTER detail SET NOT NULL', layer, layer);
    EXECUTE format('CREATE INDEX ix_%s_public_geom ON %I_public USING gist (geom)', layer, layer);
    EXECUTE format('CREATE INDEX ix_%s_public_code ON %I_public (code)', layer, layer);

    EXECUTE format(
        'CREATE TABLE ready AS SELECT id, geom, x, y, NULL::bytea AS grid_z12,'
        ' NULL::bytea AS grid_z14, NULL::bytea AS grid_z16, area_m2, status, code, name,'
        ' geom_z14, geom_z12, geom_z10 FROM %I_tiles ORDER BY id', layer);
    ALTER TABLE ready ALTER geom SET STORAGE MAIN, ALTER grid_z12 SET STORAGE MAIN,
        ALTER grid_z14 SET STORAGE MAIN, ALTER grid_z16 SET STORAGE MAIN;
    EXECUTE format('DROP TABLE %I_tiles', layer);
    EXECUTE format('ALTER TABLE ready RENAME TO %I_tiles', layer);
    EXECUTE format(
        'ALTER TABLE %I_tiles ADD CONSTRAINT pk_%s_tiles PRIMARY KEY (id),'
        ' ALTER geom SET NOT NULL, ALTER x SET NOT NULL, ALTER y SET NOT NULL,'
        ' ALTER status SET NOT NULL, ALTER code SET NOT NULL, ALTER name SET NOT NULL',
        layer, layer);
    EXECUTE format('CREATE INDEX ix_%s_tiles_geom ON %I_tiles USING gist (geom)', layer, layer);
END $$;

SELECT pg_temp.ready(layer) FROM unnest(ARRAY['parks', 'parcels', 'plants']) layer;
DROP FUNCTION pg_temp.ready;
