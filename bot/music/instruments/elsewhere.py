"""Instruments as German, Spanish, French, Japanese, Korean, Portuguese and Chinese name them, and their programs."""

DRUMS = -1
"""Stands for channel 10."""

ELSEWHERE: dict[int, str] = {
    DRUMS: "Schlagzeug, Perkussion, Schlagwerk, Becken, Trommel, Trommeln, Bassdrum, Kleine Trommel, "
    "Batería, Percusión, Tambor, Bombo, Caja, Platillos, Palmas, "
    "Batterie, Percussions, Grosse caisse, Caisse claire, Charleston, Charley, Cymbales, "
    "Bateria, Percussão, Bumbo, Caixa, Pratos, Chimbal, Pandeiro, "
    "ドラム, ドラムス, ドラムセット, パーカッション, 打楽器, 太鼓, スネア, キック, シンバル, ハイハット, "
    "드럼, 드럼 세트, 드럼세트, 퍼커션, 타악기, 스네어, 킥, 심벌, 하이햇, "
    "鼓, 架子鼓, 爵士鼓, 鼓组, 打击乐, 打击乐器, 军鼓, 底鼓, 踩镲, 镲",
    0: "Klavier, Flügel, Teclado, Teclados, Teclas, Clavier, Claviers, ピアノ, 피아노, 钢琴, 鋼琴",
    4: "E-Piano, Piano eléctrico, Piano électrique, Piano elétrico, エレピ, エレクトリックピアノ, 전자 피아노, 电钢琴",
    16: "Orgel, Órgano, Orgue, Órgão, オルガン, 오르간, 风琴, 管风琴",
    21: "Akkordeon, Acordeón, Accordéon, Acordeão, Sanfona, アコーディオン, 아코디언, 手风琴",
    22: "Mundharmonika, Armónica, Gaita de boca, ハーモニカ, 하모니카, 口琴",
    25: "Akustikgitarre, Guitarra acústica, Guitare acoustique, Violão, アコギ, アコースティックギター, 어쿠스틱 기타, 통기타, 木吉他",
    27: "Gitarre, E-Gitarre, Guitarra, Guitarra eléctrica, Guitare, Guitare électrique, Guitarra elétrica, "
    "ギター, エレキギター, 기타, 일렉 기타, 일렉기타, 吉他, 电吉他",
    32: "Kontrabass, Contrabajo, Contrebasse, Contrabaixo, コントラバス, 콘트라베이스, 低音提琴",
    33: "E-Bass, Bajo, Bajo eléctrico, Basse, Guitare basse, Baixo, ベース, エレキベース, 베이스, 베이스 기타, 贝斯, 低音吉他",
    40: "Geige, Violine, Violín, Violon, Violino, バイオリン, ヴァイオリン, 바이올린, 小提琴",
    41: "Bratsche, ビオラ, ヴィオラ, 비올라, 中提琴",
    42: "Violoncello, Violonchelo, Chelo, Violoncelle, Violoncelo, チェロ, 첼로, 大提琴",
    46: "Harfe, Arpa, Harpe, Harpa, ハープ, 하프, 竖琴",
    47: "Pauken, Timbales, Tímpanos, ティンパニ, 팀파니, 定音鼓",
    48: "Streicher, Cuerdas, Cordes, Cordas, Orchester, Orquesta, Orchestre, Orquestra, "
    "ストリングス, 弦楽, スト, オーケストラ, 스트링, 현악, 오케스트라, 弦乐, 管弦乐",
    52: "Chor, Coro, Chœur, Chœurs, Corais, コーラス, 合唱, 코러스, 합창",
    53: "Gesang, Stimme, Voz, Voces, Vocales, Voix, Chant, Vozes, Vocais, ボーカル, ヴォーカル, 歌, 声, 보컬, 노래, 목소리, 人声, 歌声, 主唱",
    56: "Trompete, Trompeta, Trompette, トランペット, 트럼펫, 小号",
    57: "Posaune, Trombón, Trombone à coulisse, トロンボーン, 트롬본, 长号",
    60: "Hörner, Waldhorn, Trompa, Cor, Cors, ホルン, 호른, 圆号",
    61: "Blechbläser, Bläser, Metales, Cuivres, Metais, ブラス, 金管, 브라스, 금관, 铜管",
    65: "Saxophon, Saxofón, Saxofone, サックス, サクソフォン, 색소폰, 萨克斯",
    71: "Klarinette, Clarinete, Clarinette, クラリネット, 클라리넷, 单簧管",
    73: "Flöte, Querflöte, Flauta, Flûte, フルート, 플루트, 장소, 长笛",
    81: "Sintetizador, Synthé, Synthétiseur, シンセ, シンセサイザー, 신스, 신디사이저, 合成器",
    105: "バンジョー, 밴조, 班卓琴",
}
"""Where two languages give a word two meanings, the one of more songs stands here."""
